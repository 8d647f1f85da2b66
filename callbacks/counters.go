package callbacks

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Counters is an observer's memory: it counts every Metric and shows the counts as values
// or, being an http.Handler, in the text format that Prometheus reads. The zero value is
// ready; it must not be copied and is safe for concurrent use.
type Counters struct {
	mu     sync.Mutex
	values map[series]float64
}

// series is a metric with the values of its labels, of which there are three at most.
type series struct {
	name   string
	labels [3]string
}

// Sample is one count.
type Sample struct {
	Name   string
	Labels map[string]string
	Value  float64
}

// Observer is what WithObserver wants.
func (c *Counters) Observer() Observer {
	return Observer{
		Accepted: func(_ context.Context, e Accepted) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.add(1, MetricAccepted, e.Feed, e.Outcome.String(), e.Credential)
			c.add(float64(e.Size), MetricBytes, e.Feed)
			c.add(e.Store.Seconds(), MetricStoreSeconds, e.Feed)
			c.add(e.Total.Seconds(), MetricTotalSeconds, e.Feed)
			if e.Repaired {
				c.add(1, MetricRepaired, e.Feed)
			}
		},
		Refused: func(_ context.Context, e Refused) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.add(1, MetricRefused, e.Feed, string(e.Reason), e.Credential)
		},
		Overdue: func(_ context.Context, e Overdue) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.add(1, MetricOverdue, e.Feed)
		},
	}
}

func (c *Counters) add(n float64, name string, labels ...string) {
	if c.values == nil {
		c.values = map[series]float64{}
	}
	s := series{name: name}
	copy(s.labels[:], labels)
	c.values[s] += n
}

// Samples are all counts so far, in the order of Metrics, then of their labels.
func (c *Counters) Samples() []Sample {
	var samples []Sample
	for _, m := range metrics {
		for _, row := range c.rows(m.Name) {
			labels := map[string]string{}
			for i, name := range m.Labels {
				labels[name] = row.labels[i]
			}
			samples = append(samples, Sample{Name: m.Name, Labels: labels, Value: row.value})
		}
	}
	return samples
}

type countedSeries struct {
	series
	value float64
}

func (c *Counters) rows(name string) []countedSeries {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rows []countedSeries
	for s, v := range c.values {
		if s.name == name {
			rows = append(rows, countedSeries{s, v})
		}
	}
	slices.SortFunc(rows, func(a, b countedSeries) int {
		return cmp.Or(cmp.Compare(a.labels[0], b.labels[0]), cmp.Compare(a.labels[1], b.labels[1]),
			cmp.Compare(a.labels[2], b.labels[2]))
	})
	return rows
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// ServeHTTP writes the counts in the text format of Prometheus.
func (c *Counters) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	out := bufio.NewWriter(w)
	defer out.Flush()
	for _, m := range metrics {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", m.Name, m.Help, m.Name)
		for _, row := range c.rows(m.Name) {
			labels := make([]string, len(m.Labels))
			for i, name := range m.Labels {
				labels[i] = name + `="` + labelEscapes.Replace(row.labels[i]) + `"`
			}
			fmt.Fprintf(out, "%s{%s} %s\n", m.Name, strings.Join(labels, ","), strconv.FormatFloat(row.value, 'g', -1, 64))
		}
	}
}

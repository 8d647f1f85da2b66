package main

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lockerline/lockerline-go/callbacks"
)

// metrics counts for Prometheus what the receivers do. No label holds the id of a
// reservation. A rise of the reason "expired_credential", or of an old name in the label
// credential, tells which sender still has to change a secret.
type metrics struct {
	registry *prometheus.Registry
	accepted *prometheus.CounterVec
	refused  *prometheus.CounterVec
	repaired *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	store    *prometheus.CounterVec
	answer   *prometheus.CounterVec
}

const acceptedTotal = "lockerline_callbacks_accepted_total"

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	m.accepted = counter(acceptedTotal, "Callbacks acknowledged, by what the sink did with them.", "feed", "outcome", "credential")
	m.refused = counter("lockerline_callbacks_refused_total", "Requests not acknowledged, by reason.", "feed", "reason", "credential")
	m.repaired = counter("lockerline_callbacks_repaired_total", "Acknowledged bodies that had to be mended to be read.", "feed")
	m.bytes = counter("lockerline_callbacks_received_bytes_total", "Bytes of acknowledged bodies.", "feed")
	m.store = counter("lockerline_callbacks_store_seconds_total", "Seconds that the sink took for acknowledged callbacks.", "feed")
	m.answer = counter("lockerline_callbacks_answer_seconds_total", "Seconds until the answer of acknowledged callbacks.", "feed")
	return m
}

// observer is for callbacks.WithObserver.
func (m *metrics) observer() callbacks.Observer {
	return callbacks.Observer{
		Accepted: func(_ context.Context, e callbacks.Accepted) {
			m.accepted.WithLabelValues(e.Feed, e.Outcome.String(), e.Credential).Inc()
			m.bytes.WithLabelValues(e.Feed).Add(float64(e.Size))
			m.store.WithLabelValues(e.Feed).Add(e.Store.Seconds())
			m.answer.WithLabelValues(e.Feed).Add(e.Total.Seconds())
			if e.Repaired {
				m.repaired.WithLabelValues(e.Feed).Inc()
			}
		},
		Refused: func(_ context.Context, e callbacks.Refused) {
			m.refused.WithLabelValues(e.Feed, string(e.Reason), e.Credential).Inc()
		},
	}
}

// handler serves /metrics.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// duplicates returns how many requests brought a reservation change that was stored before.
func (m *metrics) duplicates() (n int, err error) {
	families, err := m.registry.Gather()
	for _, family := range families {
		if family.GetName() != acceptedTotal {
			continue
		}
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, l := range metric.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["feed"] == callbacks.ReservationsFeedName && labels["outcome"] == callbacks.OutcomeDuplicate.String() {
				n += int(metric.GetCounter().GetValue())
			}
		}
	}
	return n, err
}

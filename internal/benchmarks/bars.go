package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// bar is a limit that the SDK is held to.
type bar struct {
	scene  string
	runner string
	what   string
	metric metric
	limit  func(of map[string]result) float64
}

// metric is what a bar looks at. Times hang on the machine and its moment: they are
// shown and never fail a check.
type metric struct {
	unit     string
	enforced bool
	value    func(result) float64
	format   string
}

var (
	allocations = metric{"allocations", true, func(r result) float64 { return r.allocs }, "%.0f"}
	bytesTaken  = metric{"bytes", true, func(r result) float64 { return r.bytes }, "%.0f"}
	timeRatio   = metric{"time, as a multiple", false, func(r result) float64 { return r.ratio }, "%.2f"}
	nanoseconds = metric{"ns", false, func(r result) float64 { return r.medianNs }, "%.0f"}
)

func atMost(limit float64) func(map[string]result) float64 {
	return func(map[string]result) float64 { return limit }
}

// below is one less than the least of the rivals.
func below(m metric) func(map[string]result) float64 {
	return func(of map[string]result) float64 { return least(of, m) - 1 }
}

func least(of map[string]result, m metric) float64 {
	v := m.value(of[rivals[0]])
	for _, name := range rivals[1:] {
		v = min(v, m.value(of[name]))
	}
	return v
}

var bars = []bar{
	{stubOne, ourClient, "one object, no network", allocations, atMost(62)},
	{stubOne, ourClient, "one object, no network", bytesTaken, atMost(6200)},
	{stubOne, ourClient, "one object, no network: fewer than go-github, godo and hcloud-go", allocations, below(allocations)},
	{stubPage, ourClient, "a page, no network: decoding alone + 5 % + 20", allocations, func(of map[string]result) float64 {
		return of[decodingAlone].allocs*1.05 + 20
	}},
	{stubPage, ourClient, "a page, no network", bytesTaken, atMost(130_000)},
	{stubPage, ourClient, "a page, no network: fewer than go-github, godo and hcloud-go", allocations, below(allocations)},
	{fastPath, tokenCache, "a token in hand", allocations, atMost(0)},
	{tcpOne, ourClient, "one object, loopback: of bare net/http", timeRatio, atMost(1.10)},
	{tcpOne, ourClient, "one object, loopback: not slower than go-github, godo and hcloud-go", timeRatio, func(of map[string]result) float64 {
		return least(of, timeRatio)
	}},
	{fastPath, tokenCache, "a token in hand, contended", nanoseconds, atMost(60)},
}

// verdict is what became of a bar.
type verdict struct {
	bar
	got, most float64
}

func (v verdict) held() bool { return v.got <= v.most }

// judge holds results against the bars of the scenes they have.
func judge(res results) []verdict {
	var verdicts []verdict
	for _, b := range bars {
		if of, ok := res[b.scene]; ok {
			verdicts = append(verdicts, verdict{b, b.metric.value(of[b.runner]), b.limit(of)})
		}
	}
	return verdicts
}

// broken returns all enforced bars that do not hold, as one error.
func broken(verdicts []verdict) error {
	var errs []error
	for _, v := range verdicts {
		if v.metric.enforced && !v.held() {
			errs = append(errs, fmt.Errorf("%s: "+v.metric.format+" %s, and the bar is "+v.metric.format, v.what, v.got, v.metric.unit, v.most))
		}
	}
	return errors.Join(errs...)
}

func writeVerdicts(w io.Writer, verdicts []verdict) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		fmt.Fprintf(t, "%s\t%s\t"+v.metric.format+"\tat most "+v.metric.format+"\t%s\n", v.what, v.metric.unit, v.got, v.most, v.word())
	}
	return t.Flush()
}

func (v verdict) word() string {
	switch {
	case v.held():
		return "holds"
	case v.metric.enforced:
		return "broken"
	}
	return "above"
}

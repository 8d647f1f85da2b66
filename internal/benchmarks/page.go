package main

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// page is what docs/benchmarks.md says.
type page struct {
	scenes   []scene
	results  results
	verdicts []verdict
	machine  machine
	options  options
}

const opening = `# Benchmarks

What one call through ` + "`harbor.Client`" + ` costs, next to bare net/http and three well-known API
clients: the same answers, decoded into the same types, each client through its own
low-level ` + "`Do`" + `, in one run.

![Bar chart of the numbers below: allocations of one call, memory of a page, time over loopback](benchmarks.svg)

This page and the chart are drawn by one command, from the root of the repository:

` + "```sh" + `
go run -C internal/benchmarks .
` + "```" + `

It takes about two minutes; do it on a quiet machine. With ` + "`-check`" + ` it writes nothing and
fails when allocations or bytes are above a bar; so does ` + "`go test ./...`" + ` in that folder, in a few
seconds. ` + "`go test -bench . -count 10`" + ` there prints the same comparison for benchstat.

`

func (p page) markdown() []byte {
	var b bytes.Buffer
	b.WriteString(opening)
	p.bars(&b)
	for _, s := range p.scenes {
		p.scene(&b, s)
	}
	compared(&b)
	p.method(&b)
	return b.Bytes()
}

func (p page) bars(w io.Writer) {
	fmt.Fprint(w, "## Bars\n\n| what | unit | measured | at most | |\n| --- | --- | ---: | ---: | --- |\n")
	for _, v := range p.verdicts {
		fmt.Fprintf(w, "| %s | %s | "+v.metric.format+" | "+v.metric.format+" | %s |\n", v.what, v.metric.unit, v.got, v.most, v.word())
	}
	fmt.Fprint(w, "\nBars on allocations and bytes fail a build. Those on time are shown only: they hang on the\nmachine and its moment.\n\n")
}

func (p page) scene(w io.Writer, s scene) {
	of := p.results[s.name]
	base := of[s.against]
	fmt.Fprintf(w, "## %s\n\n", s.title)
	fmt.Fprintf(w, "| | time, × %s | half of the rounds | fastest tenth, × | B/op | allocs/op |\n| --- | ---: | :---: | ---: | ---: | ---: |\n", s.against)
	for _, r := range s.runners {
		res := of[r.name]
		name := r.name
		if name == ourClient {
			name = "**" + name + "**"
		}
		fmt.Fprintf(w, "| %s | %.2f | %.2f to %.2f | %.2f | %.0f | %.0f |\n", name, res.ratio, res.low, res.high, res.fastRatio, res.bytes, res.allocs)
	}
	fmt.Fprintf(w, "\n%s: %s in the fastest tenth of the rounds, %s in the median one.\n\n", s.against, took(base.fastNs), took(base.medianNs))
}

func took(ns float64) string {
	if ns >= 1000 {
		return fmt.Sprintf("%.1f µs", ns/1000)
	}
	return fmt.Sprintf("%.0f ns", ns)
}

func compared(w io.Writer) {
	fmt.Fprint(w, `## What is compared

None of them does the same for its caller. The others are set up as their own documentation
does it, on the same transport.

| | version | called | safety in the numbers |
| --- | --- | --- | --- |
`)
	for _, c := range contestants {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", c.name, versionOf(c.module), c.entry, c.safety)
	}
	fmt.Fprintf(w, `
The token rows: `+"`%s`"+` is the SDK's own for one scope set; the look-up of the scope set
before it is measured by `+"`BenchmarkTokenInHand`"+` of the package harbor. `+"`%s`"+` is both
through the public method, which hands out a copy. `+"`%s`"+` is that of
golang.org/x/oauth2 %s.

`, tokenCache, clientToken, reuseSource, versionOf("golang.org/x/oauth2"))
}

func (p page) method(w io.Writer) {
	fmt.Fprintf(w, `## How

- %d rounds. In each, every client of a scene makes the same number of calls (about %v worth), one
  client after the other in an order of chance, so that noise hits all alike.
- A time is divided by that of the same round; shown is the median of all rounds, beside it what
  half of the rounds lie between, and the ratio of what the fastest tenth of them came to. On a
  busy machine the medians of two runs differ by a few hundredths: smaller differences between
  two clients mean nothing. Allocations and bytes are those of
  the whole process, the median.
- Without a network, a transport answers from memory. Over loopback, the server is a process of
  its own, without TLS, and all clients share one transport and so one kept connection.
- Before each measurement the heap is collected and five calls are made.

Machine: %s; %s; load %s at the start; %s.
`, p.options.rounds, p.options.slice, p.machine.processor, p.machine.system, p.machine.load, p.machine.when.Format(time.DateOnly))
}

package main

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
)

// panel is one bar chart of the picture.
type panel struct {
	title  string
	scene  string
	metric metric
	rows   []string
	format func(float64) string
}

var (
	callers = []string{bareHTTP, ourClient, goGithub, godoRetrying, hcloudGo}
	panels  = []panel{
		{
			"Allocations of one call, 600-byte object, no network", stubOne, allocations,
			append([]string{decodingAlone}, callers...),
			func(v float64) string { return fmt.Sprintf("%.0f", v) },
		},
		{
			"Memory of one call, page of 100 objects (60 kB), no network", stubPage, bytesTaken,
			append([]string{decodingAlone}, callers...),
			func(v float64) string { return fmt.Sprintf("%.0f kB", v/1000) },
		},
		{
			"Time of one call over loopback, multiple of bare net/http", tcpOne, timeRatio,
			callers,
			func(v float64) string { return fmt.Sprintf("%.2f ×", v) },
		},
	}
)

// In pixels of the picture, which scales.
const (
	chartWidth  = 640
	chartMargin = 24
	barsLeft    = 150
	barsRight   = 540
	rowHeight   = 26
	barHeight   = 16
	panelHead   = 34
	panelGap    = 26
	chartHead   = 76
)

// The style follows the reader's light or dark setting, also within an <img>.
const chartStyle = `<style>
svg { --ground: #ffffff; --ink: #1f2328; --quiet: #59636e; --track: #eef1f4; --other: #9aa7b5; --own: #0b7a5e; --mark: #b3261e }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --ink: #e6edf3; --quiet: #9da7b1; --track: #1b222b; --other: #5d6b7a; --own: #2eb88c; --mark: #ff8a80 }
}
text { font: 14px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--ink) }
.head { font-size: 19px; font-weight: 600 }
.title { font-weight: 600 }
.quiet { fill: var(--quiet); font-size: 13px }
.value { text-anchor: end; font-variant-numeric: tabular-nums }
.own { font-weight: 700 }
.ground { fill: var(--ground) }
.track { fill: var(--track) }
.bar { fill: var(--other) }
.bar.own { fill: var(--own) }
.mark { stroke: var(--mark); stroke-width: 2.5 }
</style>
`

// chart draws the panels one under the other.
func chart(res results) []byte {
	var b bytes.Buffer
	height := chartHead
	for _, p := range panels {
		height += panelHead + len(p.rows)*rowHeight + panelGap
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">`+"\n", chartWidth, height, chartWidth, height)
	fmt.Fprintf(&b, "<title id=\"title\">What a call costs</title>\n<desc id=\"desc\">%s</desc>\n", html.EscapeString(inWords(res)))
	b.WriteString(chartStyle)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d" rx="8"/>`+"\n", chartWidth, height)
	text(&b, "head", chartMargin, 36, "What a call costs")
	fmt.Fprintf(&b, `<line class="mark" x1="%d" x2="%d" y1="49" y2="63"/>`+"\n", chartMargin+2, chartMargin+2)
	text(&b, "quiet", chartMargin+12, 61, "what lockerline is held to; less is better")
	y := chartHead
	for _, p := range panels {
		p.draw(&b, y, res[p.scene])
		y += panelHead + len(p.rows)*rowHeight + panelGap
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (p panel) draw(b *bytes.Buffer, top int, of map[string]result) {
	text(b, "title", chartMargin, top+20, p.title)
	limit := p.limit(of)
	longest := limit
	for _, name := range p.rows {
		longest = max(longest, p.metric.value(of[name]))
	}
	length := func(v float64) float64 { return v / longest * (barsRight - barsLeft) }
	for i, name := range p.rows {
		y := top + panelHead + i*rowHeight
		class := ""
		if name == ourClient {
			class = " own"
		}
		v := p.metric.value(of[name])
		text(b, strings.TrimSpace("name"+class), chartMargin, y+13, name)
		fmt.Fprintf(b, `<rect class="track" x="%d" y="%d" width="%d" height="%d" rx="3"/>`+"\n", barsLeft, y, barsRight-barsLeft, barHeight)
		fmt.Fprintf(b, `<rect class="bar%s" x="%d" y="%d" width="%.1f" height="%d" rx="3"/>`+"\n", class, barsLeft, y, length(v), barHeight)
		if name == ourClient {
			x := barsLeft + length(limit)
			fmt.Fprintf(b, `<line class="mark" x1="%.1f" x2="%.1f" y1="%d" y2="%d"><title>held to %s</title></line>`+"\n", x, x, y-3, y+barHeight+3, p.format(limit))
		}
		text(b, "value"+class, chartWidth-chartMargin, y+13, p.format(v))
	}
}

// limit is the first bar that the panel's numbers are held to.
func (p panel) limit(of map[string]result) float64 {
	i := slices.IndexFunc(bars, func(b bar) bool {
		return b.scene == p.scene && b.runner == ourClient && b.metric.unit == p.metric.unit
	})
	return bars[i].limit(of)
}

func text(b *bytes.Buffer, class string, x, y int, s string) {
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, y, html.EscapeString(s))
}

// inWords is the picture for who does not see it.
func inWords(res results) string {
	var parts []string
	for _, p := range panels {
		var values []string
		for _, name := range p.rows {
			values = append(values, name+" "+p.format(p.metric.value(res[p.scene][name])))
		}
		parts = append(parts, p.title+": "+strings.Join(values, ", ")+".")
	}
	return strings.Join(parts, " ")
}

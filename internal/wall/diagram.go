package wall

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
)

// Diagram draws harbor.Transitions as SVG: a node for each status, an arrow for each pair
// of statuses that an event joins. Nodes carry data-status, arrows data-from, data-to and
// data-events, so that a page can light what applies now.
func Diagram() string {
	places := places()
	arrows := arrows()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle" viewBox="0 0 %d %.0f" role="img" aria-labelledby="lifecycle-title" font-family="system-ui, sans-serif">`,
		diagramWidth, height(places))
	b.WriteString(`<title id="lifecycle-title">The life of a locker: statuses, and the events that lead from one to another</title>`)
	for _, a := range arrows {
		a.draw(&b, places)
	}
	for _, s := range order() {
		p := places[s]
		fmt.Fprintf(&b, `<g class="node" data-status="%s"><rect x="%.1f" y="%.1f" width="%.0f" height="%.0f" rx="%.0f" fill="#fff" stroke="#5a6b7d"/>`,
			html.EscapeString(string(s)), p.x-nodeHalfW, p.y-nodeHalfH, 2*nodeHalfW, 2*nodeHalfH, nodeHalfH)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle" font-size="12" fill="#1c2733">%s</text></g>`,
			p.x, p.y+4.2, html.EscapeString(statusWords(s)))
	}
	b.WriteString("</svg>")
	return b.String()
}

const (
	diagramWidth = 380
	nodeHalfW    = 52.0
	nodeHalfH    = 15.0
)

type point struct{ x, y float64 }

// known places make a delivery run clockwise around the picture.
var knownPlaces = map[harbor.LockerStatus]point{
	harbor.LockerStatusAvailable:    {80, 36},
	harbor.LockerStatusReserved:     {300, 36},
	harbor.LockerStatusRented:       {300, 172},
	harbor.LockerStatusOccupied:     {80, 172},
	harbor.LockerStatusReleased:     {190, 104},
	harbor.LockerStatusOutOfService: {190, 238},
}

// bows are how far an arrow bends to its left, where a straight one would meet others.
var bows = map[[2]harbor.LockerStatus]float64{
	{harbor.LockerStatusAvailable, harbor.LockerStatusReserved}:     9,
	{harbor.LockerStatusReserved, harbor.LockerStatusAvailable}:     9,
	{harbor.LockerStatusAvailable, harbor.LockerStatusRented}:       44,
	{harbor.LockerStatusRented, harbor.LockerStatusAvailable}:       44,
	{harbor.LockerStatusReleased, harbor.LockerStatusOccupied}:      -12,
	{harbor.LockerStatusAvailable, harbor.LockerStatusOutOfService}: 10,
	{harbor.LockerStatusOutOfService, harbor.LockerStatusAvailable}: 10,
}

// order is every status of the table, in the order of a delivery.
func order() []harbor.LockerStatus {
	all := harbor.LockerStatuses()
	for _, t := range harbor.Transitions() {
		for _, s := range []harbor.LockerStatus{t.From, t.To} {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// places has a place for every status: those that came to the table later stand below.
func places() map[harbor.LockerStatus]point {
	places := map[harbor.LockerStatus]point{}
	extra := 0
	for _, s := range order() {
		p, ok := knownPlaces[s]
		if !ok {
			p = point{80 + 110*float64(extra%3), 290 + 44*float64(extra/3)}
			extra++
		}
		places[s] = p
	}
	return places
}

func height(places map[harbor.LockerStatus]point) float64 {
	lowest := 0.0
	for _, p := range places {
		lowest = max(lowest, p.y)
	}
	return lowest + 22
}

// arrow is all events that lead from one status to another.
type arrow struct {
	from, to harbor.LockerStatus
	events   []string
	staff    bool // nothing but what staff do
}

func arrows() []arrow {
	var all []arrow
	for _, t := range harbor.Transitions() {
		i := slices.IndexFunc(all, func(a arrow) bool { return a.from == t.From && a.to == t.To })
		if i < 0 {
			i = len(all)
			all = append(all, arrow{from: t.From, to: t.To, staff: true})
		}
		all[i].events = append(all[i].events, string(t.Event))
		all[i].staff = all[i].staff && (t.Event == harbor.LockerEventTakeOutOfService || t.Event == harbor.LockerEventReturnToService)
	}
	return all
}

func (a arrow) draw(b *strings.Builder, places map[harbor.LockerStatus]point) {
	words := make([]string, len(a.events))
	for i, e := range a.events {
		words[i] = eventWords(harbor.LockerEvent(e))
	}
	dash := ""
	if a.staff {
		dash = ` stroke-dasharray="3 4"`
	}
	line, tip, angle := a.curve(places)
	fmt.Fprintf(b, `<g class="arrow" data-from="%s" data-to="%s" data-events="%s"><title>%s to %s: %s</title>`,
		html.EscapeString(string(a.from)), html.EscapeString(string(a.to)), html.EscapeString(strings.Join(a.events, " ")),
		html.EscapeString(statusWords(a.from)), html.EscapeString(statusWords(a.to)), html.EscapeString(strings.Join(words, ", ")))
	fmt.Fprintf(b, `<path class="line" d="%s" fill="none" stroke="#8595a6" stroke-width="1.4"%s/>`, line, dash)
	fmt.Fprintf(b, `<path class="tip" d="M0 0L-8 -3.6L-8 3.6Z" transform="translate(%.1f %.1f) rotate(%.0f)" fill="#8595a6"/></g>`,
		tip.x, tip.y, angle)
}

// curve runs from the edge of one node to that of the other.
func (a arrow) curve(places map[harbor.LockerStatus]point) (line string, tip point, angle float64) {
	p, q := places[a.from], places[a.to]
	if a.from == a.to {
		return loop(p, p.x > diagramWidth/2)
	}
	length := math.Hypot(q.x-p.x, q.y-p.y)
	bow := bows[[2]harbor.LockerStatus{a.from, a.to}]
	c := point{(p.x+q.x)/2 + (q.y-p.y)/length*2*bow, (p.y+q.y)/2 - (q.x-p.x)/length*2*bow}
	at := func(t float64) point {
		u := 1 - t
		return point{u*u*p.x + 2*u*t*c.x + t*t*q.x, u*u*p.y + 2*u*t*c.y + t*t*q.y}
	}
	const steps = 400
	first, last := 0, steps
	for first < steps && inside(at(float64(first)/steps), p, 2) {
		first++
	}
	for last > first && inside(at(float64(last)/steps), q, 3) {
		last--
	}
	t0, t1 := float64(first)/steps, float64(last)/steps
	start, end := at(t0), at(t1)
	// The control point of the part between t0 and t1.
	u0, u1 := 1-t0, 1-t1
	mid := point{
		u0*u1*p.x + (u0*t1+t0*u1)*c.x + t0*t1*q.x,
		u0*u1*p.y + (u0*t1+t0*u1)*c.y + t0*t1*q.y,
	}
	line = fmt.Sprintf("M%.1f %.1fQ%.1f %.1f %.1f %.1f", start.x, start.y, mid.x, mid.y, end.x, end.y)
	return line, end, math.Atan2(end.y-mid.y, end.x-mid.x) * 180 / math.Pi
}

// loop leaves a node below and comes back at its side.
func loop(p point, right bool) (line string, tip point, angle float64) {
	side := -1.0
	if right {
		side = 1
	}
	tip = point{p.x + side*14, p.y + nodeHalfH + 3}
	line = fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f",
		p.x+side*40, p.y+nodeHalfH, p.x+side*46, p.y+nodeHalfH+30, p.x+side*10, p.y+nodeHalfH+30, tip.x, tip.y)
	return line, tip, -90 + side*8
}

func inside(p, node point, margin float64) bool {
	return math.Abs(p.x-node.x) < nodeHalfW+margin && math.Abs(p.y-node.y) < nodeHalfH+margin
}

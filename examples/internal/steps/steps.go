// Package steps prints what an example does, step by step: for people, with the locker's
// way through its life, or for programs, one JSON object a line.
package steps

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Step is what a step is as JSON. Status is there when the locker came to it in this
// step. No payload is among the fields, and no secret but a link that was asked for.
type Step struct {
	Name      string              `json:"step"`
	Status    harbor.LockerStatus `json:"status,omitempty"`
	Tower     harbor.TowerID      `json:"tower,omitempty"`
	Locker    harbor.LockerID     `json:"locker,omitempty"`
	Scope     harbor.Scope        `json:"scope,omitempty"`
	ExpiresIn int64               `json:"expires_in,omitempty"`
	Location  harbor.LocationID   `json:"location,omitempty"`
	Count     *int                `json:"count,omitempty"`
	Free      *int                `json:"free,omitempty"`
	Assigned  *int                `json:"assigned,omitempty"`
	Type      string              `json:"type,omitempty"`
	Request   int64               `json:"request,omitempty"` // id of a Locker Open request
	Event     string              `json:"event,omitempty"`   // of a webhook
	Source    string              `json:"source,omitempty"`  // of a webhook
	Link      string              `json:"link,omitempty"`    // only where the user wants to see it
}

// Printer shows a step to the reader of the output.
type Printer interface {
	// Step prints one: s for programs, the words for people.
	Step(s Step, format string, args ...any)
}

// New returns a printer for people, or for programs. The step named "done" is the last.
// Colours are used on a terminal alone.
func New(w io.Writer, asJSON bool) Printer {
	if asJSON {
		return jsonPrinter{json.NewEncoder(w)}
	}
	return &textPrinter{w: w, colour: coloured(w), started: time.Now()}
}

// jsonPrinter is for programs.
type jsonPrinter struct{ enc *json.Encoder }

func (p jsonPrinter) Step(s Step, _ string, _ ...any) { _ = p.enc.Encode(s) }

// textPrinter is for people. Below each change of status it draws the locker's way so
// far, with the events that led there.
type textPrinter struct {
	w       io.Writer
	colour  bool
	started time.Time
	n       int
	life    harbor.Lifecycle
	way     string
}

func (p *textPrinter) Step(s Step, format string, args ...any) {
	p.n++
	fmt.Fprintf(p.w, "%2d  %-14s %s\n", p.n, s.Name, fmt.Sprintf(format, args...))
	if s.Status == "" {
		return
	}
	o := p.life.Observe(s.Status, time.Now())
	switch o.Kind {
	case harbor.ObservationFirst:
		p.way = p.paint(s.Status)
	case harbor.ObservationRepeated:
	default:
		names := make([]string, len(o.Path))
		for i, e := range o.Path {
			names[i] = strings.ReplaceAll(string(e), "_", " ")
		}
		p.way += " ─" + strings.Join(names, ", ") + "→ " + p.paint(s.Status)
	}
	fmt.Fprintf(p.w, "    %s\n", p.way)
	if s.Name == "done" {
		fmt.Fprintf(p.w, "\nDelivered in %s.\n", time.Since(p.started).Round(10*time.Millisecond))
	}
}

// palette is the colour of a status on a terminal.
var palette = map[harbor.LockerStatus]string{
	harbor.LockerStatusAvailable: "32", harbor.LockerStatusReserved: "33", harbor.LockerStatusRented: "36",
	harbor.LockerStatusOccupied: "35", harbor.LockerStatusReleased: "34", harbor.LockerStatusOutOfService: "31",
}

func (p *textPrinter) paint(s harbor.LockerStatus) string {
	if !p.colour {
		return string(s)
	}
	return "\x1b[1;" + palette[s] + "m" + string(s) + "\x1b[0m"
}

// coloured reports whether w is a terminal that may be sent colours (see no-color.org).
func coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

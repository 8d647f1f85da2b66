package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

// printer writes one line for each handled event: for people, or JSON for programs. A
// line goes out in one write, so that a process that is killed leaves no half of one.
type printer struct {
	mu   sync.Mutex
	w    io.Writer
	json bool
}

func newPrinter(w io.Writer, asJSON bool) *printer { return &printer{w: w, json: asJSON} }

// changeLine is a reservation change as JSON.
type changeLine struct {
	ReservationID string                                 `json:"reservationId"`
	Status        callbacks.Status                       `json:"status"`
	ChangeTime    time.Time                              `json:"changeTime"`
	FlowType      callbacks.Optional[callbacks.FlowType] `json:"flowType"` // null when not said
	Late          bool                                   `json:"late"`
	DuplicateOf   int64                                  `json:"duplicate_of,omitzero"`
	Raw           string                                 `json:"raw"` // the body as it came
}

// lockerLine is an event of Harbor as JSON: without the body, which may hold the code that
// opens the door.
type lockerLine struct {
	Feed        string                  `json:"feed"`
	Event       harbor.WebhookEventType `json:"event"`
	Source      harbor.WebhookSource    `json:"source"`
	Tower       harbor.TowerID          `json:"tower"`
	Locker      harbor.LockerID         `json:"locker"`
	Status      harbor.LockerStatus     `json:"status"`
	ChangeTime  time.Time               `json:"changeTime"`
	Late        bool                    `json:"late"`
	DuplicateOf int64                   `json:"duplicate_of,omitzero"`
}

// routeLine is an event of Foxtrot as JSON.
type routeLine struct {
	Feed        string                   `json:"feed"`
	Event       foxtrot.WebhookEventType `json:"event"`
	Group       string                   `json:"group"`
	ChangeTime  *time.Time               `json:"changeTime"` // null when not said
	Late        bool                     `json:"late"`
	DuplicateOf int64                    `json:"duplicate_of,omitzero"`
	Raw         string                   `json:"raw"`
}

func (p *printer) change(e changeEvent, duplicateOf int64, step string) error {
	c := e.Value
	if p.json {
		return p.object(changeLine{c.ReservationID, c.Status, c.ChangeTime, c.FlowType, e.Late, duplicateOf, string(e.Raw)})
	}
	what := string(c.Meaning())
	if c.Meaning() == callbacks.MeaningUnknown {
		what = "unknown status " + string(c.Status)
	}
	return p.text(e.Time, c.ReservationID, what, step, e.Late, duplicateOf)
}

func (p *printer) locker(e harborEvent, duplicateOf int64) error {
	v := e.Value
	if p.json {
		return p.object(lockerLine{
			e.Feed, v.Event, v.Source, v.Locker.Tower, v.Locker.Locker, v.Status, v.At, e.Late, duplicateOf,
		})
	}
	return p.text(e.Time, "locker "+v.Locker.String(), string(v.Status), "look at the locker", e.Late, duplicateOf)
}

func (p *printer) route(e routeEvent, duplicateOf int64) error {
	v := e.Value
	if p.json {
		return p.object(routeLine{e.Feed, v.Type, e.Group, v.At, e.Late, duplicateOf, string(e.Raw)})
	}
	what := strings.ToLower(strings.ReplaceAll(string(v.Type), "_", " "))
	return p.text(e.Time, e.Group, what, "read it again", e.Late, duplicateOf)
}

func (p *printer) object(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return p.write(b.Bytes())
}

func (p *printer) text(at time.Time, whose, what, step string, late bool, duplicateOf int64) error {
	when := "time unknown"
	if !at.IsZero() {
		when = at.UTC().Format(time.DateTime)
	}
	line := fmt.Sprintf("%-19s  %-20s  %s", when, plain(whose), plain(what))
	if late {
		line += " (late)"
	}
	if duplicateOf != 0 {
		line += fmt.Sprintf(" (told before, as number %d)", duplicateOf)
	}
	if step != "" {
		line += " → " + plain(step)
	}
	return p.write([]byte(line + "\n"))
}

func (p *printer) write(line []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.w.Write(line)
	return err
}

// plain keeps what a sender chose from doing more to a terminal than be read.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

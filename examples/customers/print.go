package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func printTable(w io.Writer, rows []row, zone *time.Location, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CUSTOMER\tNAME\tLOCATION\tKIND\tNEXT TRUCK\tSTOPS AHEAD\tWAITS")
	for _, r := range rows {
		if r.err != nil {
			fmt.Fprintf(t, "%s\tfailed: %s\n", plain(string(r.id)), plain(r.err.Error()))
			continue
		}
		place, kind := "unknown", "-"
		if r.location != nil {
			place, kind = fmt.Sprintf("%.5f,%.5f", r.location.Lat, r.location.Lng), string(r.location.Kind)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", plain(string(r.id)), plain(r.customer.Name), place, kind,
			arrival(r.next, zone, now), ahead(r.next), waits(r.next))
	}
	return t.Flush()
}

func arrival(w *foxtrot.Waypoint, zone *time.Location, now time.Time) string {
	if w == nil {
		return "none"
	}
	eta, ok := w.ETA(now)
	if !ok {
		return "time unknown"
	}
	at := w.EstimatedArrival.In(zone)
	layout := "15:04 MST"
	if y, d := at.Year(), at.YearDay(); y != now.In(zone).Year() || d != now.In(zone).YearDay() {
		layout = "2006-01-02 15:04 MST"
	}
	switch eta = eta.Round(time.Minute); {
	case eta > 0:
		return at.Format(layout) + " (in " + short(eta) + ")"
	case eta < 0:
		return at.Format(layout) + " (late by " + short(-eta) + ")"
	}
	return at.Format(layout) + " (now)"
}

func ahead(w *foxtrot.Waypoint) string {
	switch {
	case w == nil || w.WaypointsAhead == nil:
		return "-"
	case w.Next():
		return "next"
	}
	return fmt.Sprint(*w.WaypointsAhead)
}

func waits(w *foxtrot.Waypoint) string {
	if w == nil || w.WaitingTime == nil || *w.WaitingTime == 0 {
		return "-"
	}
	return short(*w.WaitingTime)
}

// short writes a duration without zero seconds and minutes at its end.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// plain replaces the characters of a name that control a terminal.
func plain(s string) string {
	if s == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// line is one customer as JSON. Absent members are unknown.
type line struct {
	ID       foxtrot.CustomerID    `json:"id"`
	Name     string                `json:"name,omitempty"`
	Location *foxtrot.BestLocation `json:"location,omitempty"`
	Next     *nextLine             `json:"next,omitempty"`
	Error    string                `json:"error,omitempty"`
}

type nextLine struct {
	Waypoint       foxtrot.WaypointID `json:"waypoint"`
	Route          foxtrot.RouteID    `json:"route,omitempty"`
	ETA            *time.Time         `json:"eta,omitempty"` // in the DC's time zone
	SecondsLeft    *float64           `json:"seconds_left,omitempty"`
	StopsAhead     *int               `json:"stops_ahead,omitempty"`
	WaitingSeconds *float64           `json:"waiting_seconds,omitempty"`
}

func printJSON(w io.Writer, rows []row, zone *time.Location, now time.Time) error {
	enc := json.NewEncoder(w)
	for _, r := range rows {
		l := line{ID: r.id, Location: r.location}
		if r.err != nil {
			l.Error = r.err.Error()
		}
		if r.customer != nil {
			l.Name = r.customer.Name
		}
		if n := r.next; n != nil {
			l.Next = &nextLine{Waypoint: n.ID, Route: n.RouteID, StopsAhead: n.WaypointsAhead}
			if left, ok := n.ETA(now); ok {
				l.Next.ETA, l.Next.SecondsLeft = new(n.EstimatedArrival.In(zone)), new(left.Seconds())
			}
			if n.WaitingTime != nil {
				l.Next.WaitingSeconds = new(n.WaitingTime.Seconds())
			}
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

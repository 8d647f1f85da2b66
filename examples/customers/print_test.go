package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot"
)

var now = time.Date(2025, 10, 9, 22, 0, 0, 0, time.UTC)

func TestArrivalIsToldByTheClockOfTheDC(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("EST", -5*3600)
	at := func(d time.Duration) *foxtrot.Waypoint {
		return &foxtrot.Waypoint{Status: foxtrot.WaypointStatusPending, EstimatedArrival: new(now.Add(d))}
	}
	for _, tc := range []struct {
		w    *foxtrot.Waypoint
		want string
	}{
		{nil, "none"},
		{&foxtrot.Waypoint{}, "time unknown"},
		{at(90 * time.Minute), "18:30 EST (in 1h30m)"},
		{at(2 * time.Hour), "19:00 EST (in 2h)"},
		{at(10 * time.Second), "17:00 EST (now)"},
		{at(-5 * time.Minute), "16:55 EST (late by 5m)"},
		{at(12 * time.Hour), "2025-10-10 05:00 EST (in 12h)"},
	} {
		assert.Equal(t, tc.want, arrival(tc.w, east, now))
	}
}

func TestNextIsTheFirstStopThatIsNotOver(t *testing.T) {
	t.Parallel()
	soon, later := now.Add(time.Minute), now.Add(time.Hour)
	got := next([]foxtrot.Waypoint{
		{ID: "unknown"}, {ID: "later", EstimatedArrival: &later}, {ID: "done", Status: foxtrot.WaypointStatusCompleted, EstimatedArrival: &now}, {ID: "soon", EstimatedArrival: &soon},
	})
	require.NotNil(t, got)
	assert.Equal(t, foxtrot.WaypointID("soon"), got.ID)
	assert.Nil(t, next(nil))
	assert.Equal(t, "next", ahead(&foxtrot.Waypoint{WaypointsAhead: new(0)}), "0 is next, not nothing")
	assert.Equal(t, "-", ahead(&foxtrot.Waypoint{}))
}

func TestNamesDoNothingToATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rows := []row{{id: "c", customer: &foxtrot.Customer{Name: "\x1b[31mred\tname\n"}}}
	require.NoError(t, printTable(&b, rows, time.UTC, now))
	assert.NotContains(t, b.String(), "\x1b")
	assert.Equal(t, 2, strings.Count(b.String(), "\n"))
}

func TestProgressCountsAndCleansUp(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := &progress{w: &b, total: 2}
	p.step("names")
	p.step("names")
	p.restart()
	p.step("trucks")
	p.done()
	assert.Contains(t, b.String(), "names: 2 of 2")
	assert.Contains(t, b.String(), "trucks: 1 of 2")
	assert.True(t, strings.HasSuffix(b.String(), "\r\x1b[K"))
	assert.Nil(t, newProgress(&b, 1000), "only on a terminal")
}

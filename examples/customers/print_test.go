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

func TestArrival_UsesTheTimeZoneOfTheDC(t *testing.T) {
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

func TestAhead_ZeroIsNextAndNilUnknown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "next", ahead(&foxtrot.Waypoint{WaypointsAhead: new(0)}))
	assert.Equal(t, "-", ahead(&foxtrot.Waypoint{}))
}

func TestPrintTable_NamesCannotControlATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	rows := []row{{id: "c", customer: &foxtrot.Customer{Name: "\x1b[31mred\tname\n"}}}
	require.NoError(t, printTable(&b, rows, time.UTC, now))
	assert.NotContains(t, b.String(), "\x1b")
	assert.Equal(t, 2, strings.Count(b.String(), "\n"))
}

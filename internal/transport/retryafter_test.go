package transport

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value string
		want  time.Duration
		ok    bool
	}{
		"seconds":             {"120", 2 * time.Minute, true},
		"zero":                {"0", 0, true},
		"leading zeros":       {"007", 7 * time.Second, true},
		"white space":         {" 5 ", 5 * time.Second, true},
		"IMF-fixdate":         {"Sat, 21 Nov 2026 12:01:30 GMT", 90 * time.Second, true},
		"RFC 850":             {"Saturday, 21-Nov-26 12:01:30 GMT", 90 * time.Second, true},
		"asctime":             {"Sat Nov 21 12:01:30 2026", 90 * time.Second, true},
		"past date":           {"Sat, 21 Nov 2026 11:00:00 GMT", 0, true},
		"year 9999":           {"Fri, 31 Dec 9999 23:59:59 GMT", maxHint, true},
		"more than a year":    {"31536001", maxHint, true},
		"overflows a wait":    {"9300000000", maxHint, true},
		"overflows an int64":  {"9223372036854775808", maxHint, true},
		"hundred digits":      {strings.Repeat("9", 100), maxHint, true},
		"negative":            {"-1", 0, false},
		"signed":              {"+1", 0, false},
		"fraction":            {"1.5", 0, false},
		"exponent":            {"1e3", 0, false},
		"hexadecimal":         {"0x10", 0, false},
		"other digits":        {"１２", 0, false},
		"empty":               {"", 0, false},
		"words":               {"soon", 0, false},
		"date without a zone": {"2026-11-21T12:01:30", 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := RetryAfter(http.Header{"Retry-After": {tc.value}}, noon)
			assert.Equal(t, tc.ok, ok)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestRetryAfterWithoutAHeaderIsNone(t *testing.T) {
	t.Parallel()
	for _, h := range []http.Header{nil, {}, {"Retry-After": nil}} {
		_, ok := RetryAfter(h, noon)
		assert.False(t, ok)
	}
}

// Either clock may be hours off: what counts is the distance between two of the server's
// own dates.
func TestRetryAfterDateIsMeasuredByTheServersClock(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"Date":        {noon.Add(5 * time.Hour).Format(http.TimeFormat)},
		"Retry-After": {noon.Add(5*time.Hour + 20*time.Second).Format(http.TimeFormat)},
	}
	got, ok := RetryAfter(h, noon)
	require.True(t, ok)
	assert.Equal(t, 20*time.Second, got)

	h.Set("Date", "yesterday")
	got, _ = RetryAfter(h, noon)
	assert.Equal(t, 5*time.Hour+20*time.Second, got, "a date that cannot be read is none")
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"120", "0", "-1", "9300000000", "Sat, 21 Nov 2026 12:01:30 GMT", "Sat Nov 21 12:01:30 2026", "", "１"} {
		f.Add(s, "Sat, 21 Nov 2026 12:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		wait, ok := RetryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, noon)
		if wait < 0 || wait > maxHint {
			t.Errorf("%v is out of bounds", wait)
		}
		if !ok && wait != 0 {
			t.Errorf("%v although there is none", wait)
		}
	})
}

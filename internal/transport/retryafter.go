package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxHint bounds what a Retry-After can say, so that no sum of it overflows.
const maxHint = 365 * 24 * time.Hour

// RetryAfter reads the Retry-After header: seconds, or any of the three HTTP date forms,
// measured against the answer's own Date so that a wrong clock on either side does no
// harm. It reports false when there is none that can be read.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h["Retry-After"]
	if len(v) == 0 {
		return 0, false
	}
	s := strings.TrimSpace(v[0])
	if digits(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n > int64(maxHint/time.Second) {
			return maxHint, true
		}
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, at.Sub(now)), maxHint), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

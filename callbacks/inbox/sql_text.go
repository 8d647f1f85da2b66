package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"
)

// What goes into a text column: databases refuse or cut at bytes that a sender can put
// into a JSON string, such as a zero, so these are written as escapes and read back.

// maxGroup is how long a group may be and still fit the indexes of every database. A longer
// one is cut and told apart by its digest; it is then listed in that form.
const maxGroup = 512

func storedGroup(g string) string {
	if len(g) > maxGroup {
		sum := sha256.Sum256([]byte(g))
		g = g[:200] + "…" + hex.EncodeToString(sum[:])
	}
	return escapeText(g)
}

func escapeText(s string) string {
	if utf8.ValidString(s) && !strings.ContainsAny(s, "\x00\\") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, r == 0, r == '\\':
			b.WriteString(`\x` + hex.EncodeToString([]byte{s[i]}))
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unescapeText reverses escapeText; anything else is left as it is.
func unescapeText(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `\x`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if len(after) >= 2 {
			if c, err := hex.DecodeString(after[:2]); err == nil {
				b.Write(c)
				s = after[2:]
				continue
			}
		}
		b.WriteString(`\x`)
		s = after
	}
}

// timeLayout sorts as text in the order of time. Times beyond the years 0 to 9999, which
// no JSON time can have, are kept as the nearest that fits.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
)

func storedTime(t time.Time) string {
	t = t.UTC()
	if t.Before(firstTime) {
		t = firstTime
	} else if t.After(lastTime) {
		t = lastTime
	}
	return t.Format(timeLayout)
}

func readTime(s string) (time.Time, error) { return time.Parse(timeLayout, s) }

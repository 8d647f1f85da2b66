package inbox

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzEscapeText(f *testing.F) {
	for _, s := range []string{"", "plain", "zero \x00", `\`, `\x`, `\x41`, "\\x\x00", "\xff\xfe", "ü€😀", strings.Repeat("ü", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stored := escapeText(s)
		if !utf8.ValidString(stored) || strings.Contains(stored, "\x00") {
			t.Fatalf("%q is stored as %q, which a database refuses", s, stored)
		}
		if got := unescapeText(stored); got != s {
			t.Fatalf("%q is read back as %q", s, got)
		}
		if name := storedGroup(s); storedGroup(unescapeText(name)) != name {
			t.Fatalf("group %q is stored as %q and then as something else", s, name)
		}
	})
}

func TestStoredTime_SortsAsTimesDo(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3*3600))
	times := []time.Time{
		{},
		base.AddDate(-300, 0, 0), base, base.Add(time.Nanosecond), base.Add(time.Second),
		base.AddDate(7900, 0, 0), base.AddDate(90_000, 0, 0),
	}
	for i, a := range times {
		for j, b := range times[:i] {
			assert.LessOrEqual(t, storedTime(b), storedTime(a), "%d, %d", j, i)
		}
		got, err := readTime(storedTime(a))
		require.NoError(t, err)
		if a.Year() <= 9999 {
			assert.True(t, got.Equal(a), "%v is read back as %v", a, got)
		}
	}
}

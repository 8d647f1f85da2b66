package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestZone_NamesAndOffsetsAreRead(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"America/Bogota": "07:00", " America/Los Angeles ": "04:00", "UTC": "12:00", "UTC-05:00": "07:00", "GMT+2": "14:00", "+0530": "17:30", "-3": "09:00",
	} {
		loc, ok := Zone(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, noon.In(loc).Format("15:04"), name)
	}
}

func TestZone_UnknownNameIsUTC(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", " ", "Local", "local", "Mars/Olympus", "../../etc/passwd", "UTC+99", "UTC+05:75", "\x00"} {
		loc, ok := Zone(name)
		assert.False(t, ok, name)
		assert.Equal(t, time.UTC, loc, name)
	}
}

func FuzzZone(f *testing.F) {
	for _, s := range []string{"America/Bogota", "UTC-5", "+05:30", "", "Local", "../x", "Etc/GMT+5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if loc, _ := Zone(name); loc == nil {
			t.Fatalf("%q has no zone", name)
		}
	})
}

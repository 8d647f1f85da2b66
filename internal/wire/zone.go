package wire

import (
	"strconv"
	"strings"
	"time"
)

// Zone reads the name of a time zone: one of the IANA database, also with blanks for
// underscores, or an offset such as "UTC-05:00". It returns UTC and false for any other
// name, and for "Local", which names a zone of this machine and not of the sender.
func Zone(name string) (*time.Location, bool) {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	if name == "" || strings.EqualFold(name, "local") {
		return time.UTC, false
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, true
	}
	if s, ok := zoneOffset(name); ok {
		return time.FixedZone(name, s), true
	}
	return time.UTC, false
}

// zoneOffset reads "UTC-05:00", "GMT+2", "+0530" or "-3" as seconds east of Greenwich.
func zoneOffset(name string) (int, bool) {
	name = strings.ToUpper(name)
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "UTC"), "GMT"), "_")
	if len(name) < 2 || name[0] != '+' && name[0] != '-' {
		return 0, false
	}
	digits := strings.Replace(name[1:], ":", "", 1)
	if len(digits) < 3 {
		digits += "00"
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n/100 > 14 || n%100 > 59 {
		return 0, false
	}
	s := int(n/100)*3600 + int(n%100)*60
	if name[0] == '-' {
		s = -s
	}
	return s, true
}

package callbacks

import (
	"bytes"
	"strings"
	"time"
)

// timeField is a time of RFC 3339, or the text that is none, for LenientTimes.
type timeField struct {
	member
	value time.Time
	isOdd bool
	odd   string
}

func (f *timeField) UnmarshalJSON(b []byte) error {
	*f = timeField{}
	switch b[0] {
	case 'n':
		f.state = null
	case '"':
		f.state = present
		f.read(b)
	default:
		f.wrong(b[0], "a string with a time")
	}
	return nil
}

func (f *timeField) read(quoted []byte) {
	text := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		plain, fault := unquote(quoted)
		if fault != "" {
			f.fault = fault
			return
		}
		text = []byte(plain)
	}
	if f.value.UnmarshalText(text) != nil {
		f.isOdd, f.odd = true, string(text)
	}
}

// instant is the time in UTC. The first instant of the calendar is how .NET writes "no
// value", with a zone or without; it becomes null.
func (d decoder) instant(f *timeField) timeField {
	if f.state != present || f.fault != "" {
		return *f
	}
	value, ok := f.value, true
	if f.isOdd {
		value, ok = d.oddTime(f.odd)
	}
	switch {
	case f.isOdd && d.lenientTimes && strings.TrimSpace(f.odd) == "":
		return timeField{member: member{state: null}}
	case !ok:
		return timeField{member: member{state: present, fault: "is not a time of RFC 3339"}}
	case isNoValue(value):
		return timeField{member: member{state: null}}
	}
	value = value.UTC()
	if year := value.Year(); year < 0 || year > 9999 {
		return timeField{member: member{state: present, fault: "is outside the years 0 to 9999"}}
	}
	return timeField{member: member{state: present}, value: value}
}

func isNoValue(t time.Time) bool {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).IsZero()
}

// lenientLayouts are tried after the text has got its T and upper case.
var lenientLayouts = []string{
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999Z07",
}

// oddTime reads a text that is not RFC 3339. Without LenientTimes that is the .NET "no
// value" alone, which comes without a zone.
func (d decoder) oddTime(text string) (time.Time, bool) {
	if !d.lenientTimes {
		t, err := time.Parse(lenientLayouts[0], text)
		return t, err == nil && t.IsZero()
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	text = strings.ReplaceAll(text, " ", "")
	for _, layout := range lenientLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

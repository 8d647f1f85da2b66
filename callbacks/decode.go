package callbacks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Decode reads the body of one reservation change, without a handler: for stored bodies, a
// replay, a test. The error is always a *BodyError. The change keeps raw, which must not
// be changed afterwards.
func Decode(raw []byte) (ReservationChange, error) {
	body := bytes.TrimPrefix(raw, byteOrderMark)
	if err := checkShape(body); err != nil {
		return ReservationChange{}, err
	}
	var m members
	err := json.Unmarshal(body, &m)
	repaired := false
	if err != nil {
		if mended, ok := dropTrailingComma(body); ok {
			repaired = json.Unmarshal(mended, &m) == nil
		}
		if !repaired {
			return ReservationChange{}, notJSON(err)
		}
	}
	change, fault := m.change()
	if fault != nil {
		return ReservationChange{}, fault
	}
	change.Raw, change.Repaired = raw, repaired
	return change, nil
}

// BodyError says why a body cannot be read. Its text holds nothing of the body but the
// name of a documented member.
type BodyError struct {
	// Field is the member at fault; empty when the body as a whole is.
	Field string
	// Reason is a fixed sentence in lower case.
	Reason string
	// Offset is the byte where JSON broke off, from 1; 0 when that is not the fault.
	Offset int64
}

// Error returns one line.
func (e *BodyError) Error() string {
	subject := cmp.Or(e.Field, "body")
	if e.Offset > 0 {
		return fmt.Sprintf("decode reservation change: %s %s (at byte %d)", subject, e.Reason, e.Offset)
	}
	return "decode reservation change: " + subject + " " + e.Reason
}

var byteOrderMark = []byte("\xef\xbb\xbf")

const jsonSpace = " \t\r\n"

// checkShape refuses bodies that encoding/json would read otherwise than they were meant: it
// replaces broken text, which would merge reservations, and takes null for nothing.
func checkShape(body []byte) error {
	trimmed := bytes.TrimLeft(body, jsonSpace)
	switch {
	case !utf8.Valid(body):
		return &BodyError{Reason: "is not UTF-8 text"}
	case len(trimmed) == 0:
		return &BodyError{Reason: "is empty"}
	case trimmed[0] == '[':
		return &BodyError{Reason: "is an array; one change in each body is expected"}
	case trimmed[0] != '{':
		return &BodyError{Reason: "is not a JSON object"}
	}
	return nil
}

// dropTrailingComma blanks the comma before the brace that ends the body, and no other: the
// vendor page prints its examples so. The second pass decides whether the rest is JSON.
func dropTrailingComma(body []byte) ([]byte, bool) {
	rest, ok := bytes.CutSuffix(bytes.TrimRight(body, jsonSpace), []byte("}"))
	rest = bytes.TrimRight(rest, jsonSpace)
	if !ok || !bytes.HasSuffix(rest, []byte(",")) {
		return nil, false
	}
	mended := bytes.Clone(body)
	mended[len(rest)-1] = ' '
	return mended, true
}

func notJSON(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &BodyError{Reason: "is not JSON", Offset: syntax.Offset}
	}
	return &BodyError{Reason: "is not JSON"}
}

// members are the body as encoding/json fills it. A member never fails: it keeps its fault,
// so that change can name the member.
type members struct {
	ReservationID        textMember[string]     `json:"reservationId"`
	Status               textMember[Status]     `json:"status"`
	ChangeTime           timeMember             `json:"changeTime"`
	FlowType             textMember[FlowType]   `json:"flowType"`
	Barcodes             listMember             `json:"barcodes"`
	DocNumber            textMember[string]     `json:"docNumber"`
	Blocked              flagMember             `json:"blocked"`
	ErrorState           textMember[ErrorState] `json:"errorState"`
	StartReservationDate timeMember             `json:"startReservationDate"`
	ExpirationDate       timeMember             `json:"expirationDate"`

	// CustomerInput is a member of the vendor's other webhook, which may be sent to the same
	// address by mistake.
	CustomerInput json.RawMessage `json:"customerInput"`
}

// change checks the members in the order of the vendor page and returns the first fault.
func (m *members) change() (c ReservationChange, fault *BodyError) {
	c.ReservationID = required(&fault, "reservationId", m.ReservationID.member)
	if fault != nil && m.CustomerInput != nil && m.ReservationID.IsAbsent() {
		fault.Reason = "is missing; this looks like the validation webhook, which waits for a verdict and needs an endpoint of its own"
	}
	c.Status = required(&fault, "status", m.Status.member)
	c.ChangeTime = required(&fault, "changeTime", m.ChangeTime.member)
	c.FlowType = optional(&fault, "flowType", m.FlowType.member)
	c.Barcodes = optional(&fault, "barcodes", m.Barcodes.member)
	c.DocNumber = optional(&fault, "docNumber", m.DocNumber.member)
	c.Blocked = optional(&fault, "blocked", m.Blocked.member)
	c.ErrorState = optional(&fault, "errorState", m.ErrorState.member)
	// The page warns twice that the text "null" is not sent, so it was met once.
	if v, ok := c.ErrorState.Get(); ok && (v == "" || v == "null") {
		c.ErrorState = Null[ErrorState]()
	}
	c.StartReservationDate = optional(&fault, "startReservationDate", m.StartReservationDate.member)
	c.ExpirationDate = optional(&fault, "expirationDate", m.ExpirationDate.member)
	return c, fault
}

func required[T comparable](fault **BodyError, name string, m member[T]) T {
	var zero T
	switch {
	case *fault != nil || m.fault != "":
	case m.IsAbsent():
		m.fault = "is missing"
	case m.IsNull():
		m.fault = "is null"
	case m.value == zero:
		m.fault = "is empty"
	}
	return optional(fault, name, m).value
}

func optional[T any](fault **BodyError, name string, m member[T]) Optional[T] {
	if m.fault != "" && *fault == nil {
		*fault = &BodyError{Field: name, Reason: m.fault}
	}
	return m.Optional
}

// member is one member as it was read, and its fault.
type member[T any] struct {
	Optional[T]
	fault string
}

// read takes a JSON value that is null or begins with one of the given bytes.
func (m *member[T]) read(raw []byte, begins, want string, parse func([]byte) (T, string)) {
	*m = member[T]{}
	switch {
	case raw[0] == 'n':
		m.state = null
	case strings.IndexByte(begins, raw[0]) >= 0:
		m.state = present
		m.value, m.fault = parse(raw)
	default:
		m.state, m.fault = present, "is "+cmp.Or(jsonKinds[raw[0]], "a number")+", expected "+want
	}
}

var jsonKinds = map[byte]string{'"': "a string", '{': "an object", '[': "an array", 't': "a boolean", 'f': "a boolean"}

type textMember[T ~string] struct{ member[T] }

func (m *textMember[T]) UnmarshalJSON(raw []byte) error {
	m.read(raw, `"`, "a string", parseText[T])
	return nil
}

// parseText does not copy the words of the documented sets.
func parseText[T ~string](quoted []byte) (T, string) {
	if word, ok := words[string(quoted[1:len(quoted)-1])]; ok {
		return T(word), ""
	}
	text, ok := wire.Unquote(quoted)
	if !ok {
		return "", "has a broken character escape"
	}
	return T(text), ""
}

var words = func() map[string]string {
	m := map[string]string{string(FlowTypeOutlet): string(FlowTypeOutlet), string(FlowTypeInlet): string(FlowTypeInlet)}
	for _, s := range statuses {
		m[string(s.status)] = string(s.status)
	}
	for _, e := range errorStates {
		m[string(e)] = string(e)
	}
	return m
}()

type flagMember struct{ member[bool] }

func (m *flagMember) UnmarshalJSON(raw []byte) error {
	m.read(raw, "tf", "a boolean", func(raw []byte) (bool, string) { return raw[0] == 't', "" })
	return nil
}

type listMember struct{ member[[]string] }

func (m *listMember) UnmarshalJSON(raw []byte) error {
	m.read(raw, "[", "an array of strings", parseList)
	return nil
}

func parseList(raw []byte) ([]string, string) {
	var elements []textMember[string]
	if json.Unmarshal(raw, &elements) != nil {
		return nil, "is not a JSON array"
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		switch {
		case e.fault != "":
			return nil, "has an element that " + e.fault
		case e.state != present:
			return nil, "has an element that is null, expected a string"
		}
		list[i] = e.value
	}
	return list, ""
}

type timeMember struct{ member[time.Time] }

// UnmarshalJSON reads a time of RFC 3339 in UTC. The first instant of the calendar is how
// .NET writes "no value", with a zone or without; it becomes null.
func (m *timeMember) UnmarshalJSON(raw []byte) error {
	m.read(raw, `"`, "a string with a time", parseInstant)
	if m.state == present && m.fault == "" && m.value.IsZero() {
		m.state = null
	}
	return nil
}

// parseInstant returns the zero time for "no value".
func parseInstant(quoted []byte) (t time.Time, fault string) {
	text := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		plain, fault := parseText[string](quoted)
		if fault != "" {
			return t, fault
		}
		text = []byte(plain)
	}
	if t.UnmarshalText(text) != nil {
		local, err := time.Parse("2006-01-02T15:04:05", string(text))
		if err != nil || !local.IsZero() {
			return t, "is not a time of RFC 3339"
		}
		return time.Time{}, ""
	}
	_, offset := t.Zone()
	utc := t.UTC()
	switch year := utc.Year(); {
	case t.Add(time.Duration(offset) * time.Second).IsZero():
		return time.Time{}, ""
	case year < 0 || year > 9999:
		return t, "is outside the years 0 to 9999"
	}
	return utc, ""
}

package callbacks

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// wire is the body as encoding/json fills it. Its members never fail: they note what they
// saw, so that convert can name the member at fault, and read in place what reflection
// would copy.
type wire struct {
	ReservationID        textField `json:"reservationId"`
	Status               textField `json:"status"`
	ChangeTime           timeField `json:"changeTime"`
	FlowType             textField `json:"flowType"`
	Barcodes             listField `json:"barcodes"`
	DocNumber            textField `json:"docNumber"`
	Blocked              flagField `json:"blocked"`
	ErrorState           textField `json:"errorState"`
	StartReservationDate timeField `json:"startReservationDate"`
	ExpirationDate       timeField `json:"expirationDate"`

	// CustomerInput is what the vendor's other webhook asks about; it may be sent to the
	// same address by mistake.
	CustomerInput json.RawMessage `json:"customerInput"`
}

// member is what all fields note: whether the member was there, and what was wrong with it.
type member struct {
	state presence
	fault string
}

func (m *member) wrong(got byte, want string) {
	m.state, m.fault = present, "is "+jsonKind(got)+", expected "+want
}

func jsonKind(first byte) string {
	switch first {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

type textField struct {
	member
	value string
}

func (f *textField) UnmarshalJSON(b []byte) error {
	*f = textField{}
	switch b[0] {
	case 'n':
		f.state = null
	case '"':
		f.state = present
		f.value, f.fault = unquote(b)
	default:
		f.wrong(b[0], "a string")
	}
	return nil
}

type flagField struct {
	member
	value bool
}

func (f *flagField) UnmarshalJSON(b []byte) error {
	*f = flagField{}
	switch b[0] {
	case 'n':
		f.state = null
	case 't', 'f':
		f.state, f.value = present, b[0] == 't'
	default:
		f.wrong(b[0], "a boolean")
	}
	return nil
}

type listField struct {
	member
	value []string
}

func (f *listField) UnmarshalJSON(b []byte) error {
	*f = listField{}
	switch b[0] {
	case 'n':
		f.state = null
	case '[':
		f.state = present
		f.value, f.fault = stringList(b)
	default:
		f.wrong(b[0], "an array of strings")
	}
	return nil
}

// unquote reads a valid JSON string. Words of the documented sets are not copied.
func unquote(quoted []byte) (value, fault string) {
	text := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		if word, ok := words[string(text)]; ok {
			return word, ""
		}
		return string(text), ""
	}
	return unescape(quoted)
}

func unescape(quoted []byte) (value, fault string) {
	if json.Unmarshal(quoted, &value) != nil {
		return "", "is not a JSON string"
	}
	// Half a surrogate pair becomes U+FFFD, which would make different ids equal.
	if strings.ContainsRune(value, utf8.RuneError) && !spellsReplacement(quoted) {
		return "", "has a broken character escape"
	}
	return value, ""
}

func spellsReplacement(text []byte) bool {
	return bytes.Contains(text, []byte("\uFFFD")) || bytes.Contains(bytes.ToLower(text), []byte(`\ufffd`))
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

// stringList reads a valid JSON array that should hold strings alone.
func stringList(b []byte) (list []string, fault string) {
	list = make([]string, 0, min(bytes.Count(b, []byte{'"'})/2, 16))
	for i := 1; i < len(b); {
		switch c := b[i]; c {
		case ' ', '\t', '\r', '\n', ',':
			i++
		case ']':
			return list, ""
		case '"':
			end := stringEnd(b, i)
			s, fault := unquote(b[i:end])
			if fault != "" {
				return nil, fault
			}
			list, i = append(list, s), end
		default:
			return nil, "holds " + jsonKind(c) + ", expected strings"
		}
	}
	return nil, "is not a JSON array"
}

// stringEnd is the index behind the string that opens at start.
func stringEnd(b []byte, start int) int {
	for i := start + 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

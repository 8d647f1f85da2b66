package alzabox

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// What an error of AlzaBox is, for errors.Is, beside the values of package lockerline. Each
// of the first two is also lockerline.ErrRefused: try another box or time.
var (
	ErrBoxFull   = lockerline.NewKind("box full", nil)          // CodeBoxFull: nothing was reserved
	ErrTooLarge  = lockerline.NewKind("parcel too large", nil)  // CodeTooLarge: no compartment of this box is large enough
	ErrNotStored = lockerline.NewKind("parcel not stored", nil) // Reservations.Store was answered with success false
)

// Code is AlzaBox's own word for a failure: the first messageCode of the answer or, without
// one, the first extensions.code. The set is open; a word that is not known is kept.
type Code string

// The codes that are known. The HTTP status of the first two is not documented, so the code
// decides what an error is, before the status.
const (
	CodeBoxFull  Code = "BOX_IS_FULL"           // vendor page
	CodeTooLarge Code = "BOX_IS_NOT_BIG_ENOUGH" // vendor page
	CodeConflict Code = "CONFLICT"              // observed, of an id that exists
)

var codes = map[Code]struct {
	meaning string
	kinds   []error
}{
	CodeBoxFull:  {"the box is full at the times asked for", []error{ErrBoxFull, lockerline.ErrRefused}},
	CodeTooLarge: {"no compartment of the box is large enough", []error{ErrTooLarge, lockerline.ErrRefused}},
	CodeConflict: {"it exists already", []error{lockerline.ErrConflict}},
}

// String is the code as it came.
func (c Code) String() string { return string(c) }

// Meaning is what the code stands for; empty for an unknown code.
func (c Code) Meaning() string { return codes[c].meaning }

// Kinds are the Err… values that an error with this code matches, whatever the status. It
// reports false for an unknown code.
func (c Code) Kinds(int) ([]error, bool) {
	info, ok := codes[c]
	return info.kinds, ok
}

// envelope reads {"data":…,"metadata":…,"errors":…}. The shape of data differs by
// operation: out is under key, or is data itself.
type envelope struct {
	key  string
	out  any
	null bool // out is null in the answer
}

// envelopeError says that the envelope reports errors, whatever the HTTP status.
type envelopeError struct{}

func (envelopeError) Error() string { return "the answer reports an error without a code" }

// Permanent reports that asking again is answered alike.
func (envelopeError) Permanent() bool { return true }

var null = []byte("null")

// UnmarshalJSON fails with an envelopeError when there are errors, even beside data.
func (e *envelope) UnmarshalJSON(body []byte) error {
	var top struct {
		Data   json.RawMessage   `json:"data"`
		Errors []json.RawMessage `json:"errors"`
	}
	err := json.Unmarshal(body, &top)
	switch {
	case len(top.Errors) > 0:
		return envelopeError{}
	case err != nil && e.out != nil:
		return err
	case e.out == nil:
		return nil
	case len(top.Data) == 0 || bytes.Equal(top.Data, null):
		return &wire.ShapeError{Reason: "no data in it"}
	}
	data := top.Data
	if e.key != "" {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
		if wrapped, ok := object[e.key]; ok {
			data = wrapped
		}
	}
	m, single := e.out.(interface{ identity() string })
	if _, isList := e.out.(*[]json.RawMessage); bytes.Equal(data, null) {
		e.null = true // of a list: an empty one
		return nil
	} else if isList && data[0] != '[' {
		return &wire.ShapeError{Reason: "no list of " + e.key + " in it"}
	}
	if err := json.Unmarshal(data, e.out); err != nil {
		return err
	}
	if single && m.identity() == "" {
		return &wire.ShapeError{Reason: "a " + e.key + " without an id"}
	}
	return nil
}

const maxErrors = 20 // that are read of one answer

// explain reads the answer of a call that failed: 401 and 500 have no documented body, a
// gateway may answer anything, and extensions was a list once.
func explain(e *lockerline.Error) {
	_, said := errors.AsType[envelopeError](e.Err)
	if e.Err != nil && !said {
		return
	}
	var body struct {
		Data   json.RawMessage   `json:"data"`
		Errors []json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(e.Body, &body)
	for _, raw := range body.Errors[:min(len(body.Errors), maxErrors)] {
		var one struct {
			Message     string          `json:"message"`
			MessageCode string          `json:"messageCode"`
			Path        []string        `json:"path"`
			Extensions  json.RawMessage `json:"extensions"`
		}
		_ = json.Unmarshal(raw, &one) // a member that does not fit takes nothing from the others
		code := redact.Detail(one.MessageCode)
		if code == "" {
			code = redact.Detail(extensionCode(one.Extensions))
		}
		if e.Code == nil && code != "" {
			e.Code = Code(code)
		}
		if e.Detail == "" {
			e.Detail = redact.Detail(one.Message)
		}
		if len(one.Path) > 0 {
			e.Fields = append(e.Fields, lockerline.FieldError{Field: redact.Detail(strings.Join(one.Path, ".")), Message: redact.Detail(one.Message), Type: code})
		}
	}
	if !said {
		return
	}
	if e.Err = nil; e.Code == nil {
		e.Err = envelopeError{}
	}
	// AlzaBox says that it did not do what it was asked.
	if e.Attempts == 1 && (len(body.Data) == 0 || bytes.Equal(body.Data, null)) {
		e.MaybeApplied = false
	}
}

func extensionCode(raw json.RawMessage) string {
	type extension struct {
		Code string `json:"code"`
	}
	var list []extension
	if json.Unmarshal(raw, &list) != nil {
		list = make([]extension, 1)
		_ = json.Unmarshal(raw, &list[0])
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Code
}

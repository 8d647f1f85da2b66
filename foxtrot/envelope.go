package foxtrot

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// payload reads what is within an envelope, or the whole body when there is none. data is
// nil when an envelope has none.
type payload interface {
	read(data json.RawMessage, enveloped bool) error
}

// envelope reads an answer in either form: {"status":…,"data":…}, as the overview
// promises and clients see, or bare, as several endpoint pages print it. It is one only
// if data is there or the status is one of the three words: what is bare may have a
// status of its own.
type envelope struct{ out payload }

// UnmarshalJSON fails with *statusError when the envelope says anything but success.
func (e *envelope) UnmarshalJSON(body []byte) error {
	data, enveloped, err := open(body)
	if err != nil {
		return err
	}
	if e.out == nil {
		return nil
	}
	if !enveloped {
		data = body
	} else if bytes.Equal(data, []byte("null")) {
		data = nil
	}
	return plainOffset(e.out.read(data, enveloped))
}

func open(body []byte) (data json.RawMessage, enveloped bool, err error) {
	if len(body) == 0 || body[0] != '{' {
		return nil, false, nil
	}
	var top struct {
		Status json.RawMessage `json:"status"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &top); err != nil {
		return nil, false, err
	}
	var word string
	text := json.Unmarshal(top.Status, &word) == nil
	switch {
	case text && (word == "pending" || word == "error"):
		return nil, true, &statusError{word}
	case text && word == "success":
		return top.Data, true, nil
	case top.Data == nil:
		return nil, false, nil
	case len(top.Status) == 0 || bytes.Equal(top.Status, []byte("null")):
		return top.Data, true, nil
	}
	return nil, true, &statusError{"unknown"}
}

// statusError says that an envelope does not report success, whatever the HTTP status.
type statusError struct{ word string }

func (e *statusError) Error() string { return "the envelope says " + e.word }

// keyed takes the value of one key out of the payload.
type keyed[T any] struct {
	key    string
	out    *T
	absent absence
	lone   bool // the payload may be the value itself, when that is a list
}

// absence says what stands for no value at all, and leaves out alone.
type absence uint8

const (
	absentNever   absence = iota
	absentNull            // the key with null
	absentMissing         // and no such key within an envelope
)

func (k *keyed[T]) read(data json.RawMessage, enveloped bool) error {
	if k.lone && len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, k.out)
	}
	var object map[string]json.RawMessage
	if data != nil {
		if err := json.Unmarshal(data, &object); err != nil {
			return err
		}
	}
	value, ok := object[k.key]
	if ok = ok && !bytes.Equal(value, []byte("null")); !ok {
		_, named := object[k.key]
		// A bare object that has other keys is no answer to the question.
		missing := !named && (enveloped || len(object) == 0)
		if k.absent >= absentNull && named || k.absent == absentMissing && missing {
			return nil
		}
		return &transport.ShapeError{Reason: "no " + k.key + " in it"}
	}
	if err := json.Unmarshal(value, k.out); err != nil {
		if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			typ.Field = strings.TrimSuffix(k.key+"."+typ.Field, ".")
		}
		return err
	}
	if v, ok := any(k.out).(interface{ identified() bool }); ok && !v.identified() {
		return &transport.ShapeError{Reason: k.key + " without an id"}
	}
	return nil
}

// whole takes the payload as it is.
type whole struct{ out any }

func (w whole) read(data json.RawMessage, _ bool) error {
	if data == nil {
		return &transport.ShapeError{Reason: "no data in it"}
	}
	return json.Unmarshal(data, w.out)
}

// plainOffset removes from an error an offset that counts from within the answer.
func plainOffset(err error) error {
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		typ.Offset = -1
	}
	return err
}

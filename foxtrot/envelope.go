package foxtrot

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// payload reads the data of an envelope, or the whole body without an envelope. data is
// nil when an envelope has no data.
type payload interface {
	read(data json.RawMessage, enveloped bool) error
}

// envelope reads an answer in either form: {"status":…,"data":…}, as the overview
// promises and clients see, or bare, as several endpoint pages print it. An object is an
// envelope only if it has data or one of the three statuses: a bare object may have a
// status of its own.
type envelope struct{ out payload }

// UnmarshalJSON fails with a *statusError unless the envelope says success.
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

// open takes an envelope apart; enveloped is false for a bare answer.
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

// statusError is the status of an envelope that does not report success, whatever the
// HTTP status.
type statusError struct{ word string }

func (e *statusError) Error() string { return "the envelope says " + e.word }

// keyed reads the value of one key of the payload.
type keyed[T any] struct {
	key    string
	out    *T
	absent absence
	lone   bool // the payload may be the value itself, when that is a list
}

// absence says which answers stand for no value and leave out unchanged.
type absence uint8

const (
	absentNever   absence = iota
	absentNull            // the key with null
	absentMissing         // and an envelope without the key
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
		// A bare object with other keys only answers another question.
		missing := !named && (enveloped || len(object) == 0)
		if k.absent >= absentNull && named || k.absent == absentMissing && missing {
			return nil
		}
		return &wire.ShapeError{Reason: "no " + k.key + " in it"}
	}
	if err := json.Unmarshal(value, k.out); err != nil {
		if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			typ.Field = strings.TrimSuffix(k.key+"."+typ.Field, ".")
		}
		return err
	}
	if v, ok := any(k.out).(interface{ identified() bool }); ok && !v.identified() {
		return &wire.ShapeError{Reason: k.key + " without an id"}
	}
	return nil
}

// whole reads the payload as it is.
type whole struct{ out any }

func (w whole) read(data json.RawMessage, _ bool) error {
	if data == nil {
		return &wire.ShapeError{Reason: "no data in it"}
	}
	return json.Unmarshal(data, w.out)
}

// plainOffset removes an error's offset, which counts from the start of the payload and not
// of the answer.
func plainOffset(err error) error {
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		typ.Offset = -1
	}
	return err
}

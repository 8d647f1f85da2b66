package foxtrot

import (
	"encoding/json"
	"errors"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// What an error of Foxtrot is, for errors.Is, beside the values of package lockerline.
// Codes says which of Foxtrot's codes each stands for.
var (
	ErrDuplicate            = lockerline.NewKind("exists already", nil)         // codes 2000, 3005 to 3009 and 5001; also ErrConflict
	ErrNotConfigured        = lockerline.NewKind("not configured", nil)         // codes 1001 and 1002
	ErrLocationNotConfident = lockerline.NewKind("location not confident", nil) // code 7001: an ordinary outcome
	ErrNoLocation           = lockerline.NewKind("no location is known", nil)   // of a customer, or of a driver who never reported one
)

// envelopeError is what an envelope says that is neither success nor pending, without a
// code. HTTP calls such an answer a success.
type envelopeError string

func (e envelopeError) Error() string { return string(e) }

// Permanent reports that asking again is answered alike.
func (envelopeError) Permanent() bool { return true }

// explain reads the answer of a call that failed.
func explain(e *lockerline.Error) {
	said, enveloped := errors.AsType[*statusError](e.Err)
	if enveloped {
		e.Err = nil
	}
	if e.Err == nil || e.StatusCode >= 400 {
		e.Code, e.Detail, e.Fields = parseDetail(e.Body)
	}
	if !enveloped {
		return
	}
	switch {
	case said.word == "pending":
		e.Err = lockerline.ErrPending
	case said.word != "error":
		e.Err = envelopeError("the envelope has a status that is not known")
	case e.Code == nil:
		e.Err = envelopeError("the envelope says error, without a code")
	}
	// Foxtrot says that it did not do what it was asked, for no fault of its own.
	if said.word == "error" && e.Attempts == 1 && !errors.Is(e, lockerline.ErrServer) {
		e.MaybeApplied = false
	}
}

const maxProblems = 100

// parseDetail reads data.code, data.message and data.errors, or the same at the top. Each
// is optional and read on its own: what is odd about one takes nothing from the others.
func parseDetail(body []byte) (code lockerline.Code, message string, fields []lockerline.FieldError) {
	var top, inner map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return nil, "", nil
	}
	_ = json.Unmarshal(top["data"], &inner)
	for _, m := range []map[string]json.RawMessage{inner, top} {
		var n wire.Int
		if code == nil && json.Unmarshal(m["code"], &n) == nil && n.Value != 0 {
			code = Code(n.Value)
		}
		if message == "" {
			var s string
			_ = json.Unmarshal(m["message"], &s)
			message = redact.Detail(s)
		}
		if fields == nil {
			fields = problems(m["errors"])
		}
	}
	return code, message, fields
}

// problems reads [{"message":"…"}], and texts in place of the objects.
func problems(raw json.RawMessage) (out []lockerline.FieldError) {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list)
	for _, item := range list[:min(len(list), maxProblems)] {
		var o struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(item, &o) != nil && json.Unmarshal(item, &o.Message) != nil || o.Message == "" {
			continue
		}
		out = append(out, lockerline.FieldError{Message: redact.Detail(o.Message)})
	}
	return out
}

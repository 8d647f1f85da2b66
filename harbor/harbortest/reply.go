package harbortest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is an answer before it is written.
type reply struct {
	status int
	header http.Header
	body   any // nil: no body; see null for the other one
	plain  bool
}

// null is the JSON null as a body.
type null struct{}

func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// refuse is an error in the form of Harbor's framework.
func refuse(status int, detail string) reply {
	return reply{status: status, body: errorBody{Detail: detail}, plain: true}
}

type errorBody struct {
	Detail any `json:"detail"`
}

func invalid(problems []problem) reply {
	return reply{status: http.StatusUnprocessableEntity, body: errorBody{Detail: problems}, plain: true}
}

// oauthError is an error in the form of the accounts host.
func oauthError(status int, code, description string) reply {
	body := map[string]string{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	return reply{status: status, body: body, plain: true}
}

// created is the answer of a POST or DELETE that took effect. Body is what 204 goes
// without, when it may.
func (s *Server) created(body any, needed bool) reply {
	status := s.quirks.CreateStatus
	switch {
	case status == 0:
		status = http.StatusOK
	case status == http.StatusNoContent && needed:
		status = http.StatusCreated
	case status == http.StatusNoContent:
		body = nil
	}
	return reply{status: status, body: body}
}

// refusal is an answer that says no for the state (409) or the owner (403) of a locker.
func (s *Server) refusal(status int, detail string) reply {
	if s.quirks.RefusalStatus != 0 {
		status = s.quirks.RefusalStatus
	}
	return refuse(status, detail)
}

// list is a list answer in the form that was chosen.
func (s *Server) list(items any) reply {
	if s.quirks.ItemsEnvelope {
		return ok(map[string]any{"items": items})
	}
	return ok(items)
}

// encoded is a reply as bytes.
type encoded struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) encode(q Quirks) encoded {
	e := encoded{status: r.status, header: r.header}
	if e.header == nil {
		e.header = make(http.Header, 2)
	}
	if r.body == nil {
		if r.status != http.StatusNoContent {
			e.header.Set("Content-Length", "0")
		}
		return e
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		panic("harbortest: an answer that is no JSON: " + err.Error())
	}
	e.body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if !r.plain && q.Casing != CasingAsDocumented {
		e.body = recase(e.body, q.Casing)
	}
	e.header.Set("Content-Type", "application/json")
	e.header.Set("Content-Length", strconv.Itoa(len(e.body)))
	return e
}

func (e encoded) write(w http.ResponseWriter) {
	for name, values := range e.header {
		w.Header()[name] = values
	}
	w.WriteHeader(e.status)
	_, _ = w.Write(e.body) // a client that is gone needs no answer
}

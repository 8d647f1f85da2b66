package harbortest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// reply is an answer before it is written.
type reply struct {
	status int
	header http.Header
	body   any  // nil: no body; null{} is the JSON null
	plain  bool // in the casing of the struct, whatever Quirks say
}

// null is the JSON null as a body.
type null struct{}

func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

// plain returns an answer whose casing no quirk changes.
func plain(body any) reply { return reply{status: http.StatusOK, body: body, plain: true} }

// refuse returns an error in the form of Harbor's framework.
func refuse(status int, detail string) reply {
	return reply{status: status, body: errorBody{Detail: detail}, plain: true}
}

type errorBody struct {
	Detail any `json:"detail"`
}

func invalid(problems []problem) reply {
	return reply{status: http.StatusUnprocessableEntity, body: errorBody{Detail: problems}, plain: true}
}

// challenge returns the refusal of a bearer token.
func challenge(detail string) *reply {
	no := refuse(http.StatusUnauthorized, detail)
	no.header = http.Header{"Www-Authenticate": {"Bearer"}}
	return &no
}

// errorForm returns what Harbor's framework answers with the status of an error.
func errorForm(status int) lockerlinetest.Response {
	no := refuse(status, http.StatusText(status))
	if status == http.StatusUnauthorized {
		no = *challenge("Could not validate credentials")
	}
	return no.encode(Quirks{})
}

// oauthError returns an error in the form of the token endpoint.
func oauthError(status int, code, description string) reply {
	body := map[string]string{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	return reply{status: status, body: body, plain: true}
}

// created returns the answer of a POST or DELETE that took effect. With 204 it has no body
// unless the body is needed.
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

// refusal returns the refusal because of the status (409) or the owner (403) of a locker.
func (s *Server) refusal(status int, detail string) reply {
	if s.quirks.RefusalStatus != 0 {
		status = s.quirks.RefusalStatus
	}
	return refuse(status, detail)
}

// list returns a list in the form that Quirks choose.
func (s *Server) list(items any) reply {
	if s.quirks.ItemsEnvelope {
		return ok(map[string]any{"items": items})
	}
	return ok(items)
}

// encode writes a reply as bytes.
func (r reply) encode(q Quirks) lockerlinetest.Response {
	out := lockerlinetest.Response{Status: r.status, Header: r.header}
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if r.body == nil {
		return out
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		panic("harbortest: an answer cannot be encoded: " + err.Error()) // of our own types
	}
	out.Body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if !r.plain && q.Casing != CasingAsDocumented {
		out.Body = recase(out.Body, q.Casing)
	}
	out.Header.Set("Content-Type", "application/json")
	return out
}

// The models of the wire.

type lockerJSON struct {
	ID         harbor.LockerID `json:"id"`
	Name       string          `json:"name"`
	Low        bool            `json:"isLowLocker"`
	TowerID    string          `json:"towerId"`
	Status     statusJSON      `json:"status"`
	Type       LockerType      `json:"type"`
	AccessMode string          `json:"accessMode,omitempty"`
}

type statusJSON struct {
	Name string `json:"name"`
	ID   int    `json:"id"`
}

type availabilityJSON struct {
	Lockers countJSON       `json:"lockerAvailability"`
	ByType  []typeCountJSON `json:"byType"`
}

type countJSON struct {
	Available int `json:"availableLockers"`
	Total     int `json:"totalLockers"`
}

type typeCountJSON struct {
	Type    typeNameJSON `json:"lockerType"`
	Lockers countJSON    `json:"lockerAvailability"`
}

type typeNameJSON struct {
	ID   harbor.LockerTypeID `json:"id"`
	Name string              `json:"name"`
}

func (q Quirks) statusName(s harbor.LockerStatus) string {
	if name, there := q.StatusNames[s]; there {
		return name
	}
	return string(s)
}

func (q Quirks) towerID(id harbor.TowerID) string {
	if q.UpperCaseTowerIDs {
		return strings.ToUpper(string(id))
	}
	return string(id)
}

const (
	zoned    = "2006-01-02T15:04:05.000000+00:00"
	zoneless = "2006-01-02T15:04:05"
)

func (q Quirks) time(t time.Time) string {
	if q.ZonelessTimes {
		return t.UTC().Format(zoneless)
	}
	return t.UTC().Format(zoned)
}

func (w *world) locker(l *locker) lockerJSON {
	mode := "public"
	if w.quirks.NoAccessMode {
		mode = ""
	}
	return lockerJSON{
		ID: l.ID, Name: l.Name, Low: l.Low, TowerID: w.quirks.towerID(l.tower.id),
		// Only the number of available, 1, is documented.
		Status:     statusJSON{w.quirks.statusName(l.status), slices.Index(harbor.LockerStatuses(), l.status) + 1},
		Type:       l.Type,
		AccessMode: mode,
	}
}

func (w *world) lockerList(ls []*locker) []lockerJSON {
	out := make([]lockerJSON, len(ls))
	for i, l := range ls {
		out[i] = w.locker(l)
	}
	return out
}

func availability(ls []*locker) availabilityJSON {
	out := availabilityJSON{ByType: []typeCountJSON{}}
	for _, l := range ls {
		i := slices.IndexFunc(out.ByType, func(t typeCountJSON) bool { return t.Type.ID == l.Type.ID })
		if i < 0 {
			i = len(out.ByType)
			out.ByType = append(out.ByType, typeCountJSON{Type: typeNameJSON{l.Type.ID, l.Type.Name}})
		}
		counts := [...]*countJSON{&out.Lockers, &out.ByType[i].Lockers}
		for _, n := range counts {
			n.Total++
			if l.status == harbor.LockerStatusAvailable {
				n.Available++
			}
		}
	}
	return out
}

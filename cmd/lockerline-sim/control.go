package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// harborHandler is all that stands on Harbor's address.
func (s *simulator) harborHandler(loopback bool) http.Handler {
	sim := http.NewServeMux()
	sim.HandleFunc("GET /_sim/{$}", s.getVersion)
	sim.HandleFunc("GET /_sim/state", s.getState)
	sim.HandleFunc("GET /_sim/requests", s.getRequests)
	sim.HandleFunc("POST /_sim/phone/connect", s.connectPhone)
	sim.HandleFunc("POST /_sim/phone/use", s.usePhone)
	sim.HandleFunc("POST /_sim/links/open", s.openLink)
	sim.HandleFunc("GET /_sim/alzabox/state", s.getAlzaBox)
	sim.HandleFunc("POST /_sim/alzabox/play", s.playAlzaBox)
	sim.HandleFunc("POST /_sim/alzabox/sending", s.setSending)
	sim.HandleFunc("POST /_sim/advance", s.advance)
	sim.HandleFunc("GET /_sim/faults", s.listFaults)
	sim.HandleFunc("POST /_sim/faults", s.addFault)
	sim.HandleFunc("DELETE /_sim/faults", s.clearFaults)
	sim.HandleFunc("POST /_sim/reset", s.postReset)

	mux := http.NewServeMux()
	mux.HandleFunc("/", s.serveHarbor)
	mux.Handle("/_sim/", guard(detailed(sim), loopback))
	mux.Handle("/_wall/", guard(s.wall, loopback))
	mux.Handle("GET /{$}", guard(s.wall, loopback))
	return mux
}

// guard keeps pages of other sites from using the simulator through a developer's browser:
// also those whose name was made to point to this machine.
func guard(next http.Handler, loopback bool) http.Handler {
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if (loopback && !localName(r.Host)) || foreign.Check(r) != nil {
			refuse(rw, http.StatusForbidden, "pages of other sites may not do this")
			return
		}
		next.ServeHTTP(rw, r)
	})
}

func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// detailed gives what the router itself refuses the form of all other errors.
func detailed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(rw, r)
			return
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "" {
				refuse(rw, http.StatusMethodNotAllowed, "Method Not Allowed")
				return
			}
		}
		refuse(rw, http.StatusNotFound, "Not Found")
	})
}

// apiVersion counts up when a request below /_sim/ that worked before no longer does.
const apiVersion = 1

func (s *simulator) getVersion(rw http.ResponseWriter, _ *http.Request) {
	answer(rw, http.StatusOK, map[string]any{"version": apiVersion, "documentation": "docs/simulator.md"})
}

type stateJSON struct {
	Now        time.Time   `json:"now"` // of Harbor
	FoxtrotNow time.Time   `json:"foxtrot_now"`
	AlzaBoxNow time.Time   `json:"alzabox_now"`
	Towers     []towerJSON `json:"towers"`
}

type towerJSON struct {
	ID       harbor.TowerID    `json:"id"`
	Location harbor.LocationID `json:"location"`
	Place    string            `json:"place"`
	Lockers  []lockerJSON      `json:"lockers"`
}

type lockerJSON struct {
	ID     harbor.LockerID     `json:"id"`
	Name   string              `json:"name"`
	Type   string              `json:"type"`
	Low    bool                `json:"low"`
	Status harbor.LockerStatus `json:"status"` // as Harbor knows it
	Since  time.Time           `json:"since"`
	Owner  *string             `json:"owner"` // client id; null: none
	Until  *time.Time          `json:"until"` // end of the reservation or unused rental
	// What stands at the tower.
	DoorOpen bool `json:"door_open"`
	Full     bool `json:"full"`
	Unsynced bool `json:"unsynced"`
}

func (s *simulator) getState(rw http.ResponseWriter, _ *http.Request) {
	w := s.world()
	out := stateJSON{Now: w.harbor.Now(), FoxtrotNow: w.foxtrot.Now(), AlzaBoxNow: w.alzabox.Now(), Towers: []towerJSON{}}
	for _, v := range w.harbor.Snapshot() {
		i := slices.IndexFunc(out.Towers, func(t towerJSON) bool { return t.ID == v.Ref.Tower })
		if i < 0 {
			i = len(out.Towers)
			out.Towers = append(out.Towers, towerJSON{ID: v.Ref.Tower, Location: v.Location, Place: strings.TrimSpace(v.LocationName)})
		}
		l := lockerJSON{
			ID: v.Ref.Locker, Name: v.Name, Type: v.Type.Name, Low: v.Low, Status: v.Status, Since: v.Since,
			DoorOpen: v.DoorOpen, Full: v.Full, Unsynced: v.Unsynced,
		}
		if v.Owner != "" {
			l.Owner = &v.Owner
		}
		if !v.Expires.IsZero() {
			l.Until = &v.Expires
		}
		out.Towers[i].Lockers = append(out.Towers[i].Lockers, l)
	}
	answer(rw, http.StatusOK, out)
}

type requestJSON struct {
	At     time.Time `json:"at"`
	Op     string    `json:"op"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Status int       `json:"status"` // 0: the connection was cut before
	Fault  string    `json:"fault,omitempty"`
}

func (s *simulator) getRequests(rw http.ResponseWriter, r *http.Request) {
	srv := s.world().api(cmp.Or(r.URL.Query().Get("api"), apis[0]))
	if srv == nil {
		problem(rw, []any{"query", "api"}, "must be harbor, foxtrot or alzabox", "value_error")
		return
	}
	out := []requestJSON{}
	for _, r := range srv.Requests() {
		out = append(out, requestJSON{r.At, r.Op, r.Method, r.Template, r.Status, r.Fault})
	}
	answer(rw, http.StatusOK, out)
}

// maxAdvance keeps clocks within what times can hold.
const maxAdvance = 10 * 365 * 24 * time.Hour

func (s *simulator) advance(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Seconds *float64 `json:"seconds"`
	}
	if !read(rw, r, &body) {
		return
	}
	if body.Seconds == nil {
		missing(rw, "seconds")
		return
	}
	if *body.Seconds < 0 || *body.Seconds > maxAdvance.Seconds() || math.IsNaN(*body.Seconds) {
		invalid(rw, "seconds", "must be 0 or more, and ten years at most")
		return
	}
	d := time.Duration(*body.Seconds * float64(time.Second))
	w := s.world()
	w.advance(d)
	s.look(r.Context())
	s.sendSoon()
	answer(rw, http.StatusOK, map[string]any{"now": w.harbor.Now(), "foxtrot_now": w.foxtrot.Now(), "alzabox_now": w.alzabox.Now()})
}

func (s *simulator) postReset(rw http.ResponseWriter, r *http.Request) {
	if err := s.reset(r.Context()); err != nil {
		refuse(rw, http.StatusInternalServerError, "the simulator could not begin anew")
		return
	}
	answer(rw, http.StatusOK, map[string]any{"now": s.world().harbor.Now()})
}

const maxBody = 1 << 20

// read decodes a body; an unknown field is an error, since it would do nothing.
func read(rw http.ResponseWriter, r *http.Request, out any) bool {
	raw, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		refuse(rw, http.StatusRequestEntityTooLarge, "the body is too large")
		return false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err = d.Decode(out)
	if err == nil && d.More() {
		err = errors.New("there is more than one JSON value")
	}
	if err != nil {
		problem(rw, []any{"body"}, strings.TrimPrefix(err.Error(), "json: "), "value_error.jsondecode")
		return false
	}
	return true
}

func missing(rw http.ResponseWriter, field string) {
	problem(rw, []any{"body", field}, "field required", "value_error.missing")
}

func invalid(rw http.ResponseWriter, field, message string) {
	problem(rw, []any{"body", field}, message, "value_error")
}

// problem is a 422 as FastAPI words it.
func problem(rw http.ResponseWriter, where []any, message, kind string) {
	answer(rw, http.StatusUnprocessableEntity, map[string]any{
		"detail": []any{map[string]any{"loc": where, "msg": message, "type": kind}},
	})
}

func refuse(rw http.ResponseWriter, status int, detail string) {
	answer(rw, status, map[string]string{"detail": detail})
}

func answer(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(v)
}

package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
)

// endpoint is one thing the app can ask for. README.md documents the same list, and a test
// compares the two.
type endpoint struct {
	method, path string
	write        bool // goes on when the app hangs up
	handle       func(*backend, http.ResponseWriter, *http.Request) error
}

var endpoints = []endpoint{
	{"POST", "/v1/deliveries", true, (*backend).startDelivery},
	{"GET", "/v1/deliveries", false, (*backend).listDeliveries},
	{"GET", "/v1/deliveries/{reference}", false, (*backend).getDelivery},
	{"POST", "/v1/deliveries/{reference}/dropoff", true, (*backend).dropoff},
	{"POST", "/v1/deliveries/{reference}/pickup", true, (*backend).pickup},
	{"POST", "/v1/deliveries/{reference}/cancel", true, (*backend).cancelDelivery},
	{"GET", "/v1/tower-token", false, (*backend).towerToken},
	{"GET", "/v1/customers/{dc}/{customer}/arrival", false, (*backend).arrival},
	{"GET", "/v1/reservations/{reservation}", false, (*backend).reservation},
}

// callLimit bounds what one request of the app may take; a write to Harbor with all its
// attempts takes 30 s at most.
const callLimit = 45 * time.Second

// app serves the endpoints. Every answer, errors too, is JSON.
func (b *backend) app() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints {
		mux.HandleFunc(e.method+" "+e.path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store") // payloads open doors
			ctx := r.Context()
			if e.write {
				ctx = context.WithoutCancel(ctx)
			}
			ctx, cancel := context.WithTimeout(ctx, callLimit)
			defer cancel()
			if err := e.handle(b, w, r.WithContext(ctx)); err != nil {
				b.fail(w, err)
			}
		})
	}
	return jsonErrors(mux)
}

func (b *backend) startDelivery(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Reference      string            `json:"reference"`
		Area           *harbor.Area      `json:"area"`
		Location       harbor.LocationID `json:"location"`
		Tower          harbor.TowerID    `json:"tower"`
		Types          []string          `json:"types"`
		Low            bool              `json:"low"`
		ReserveSeconds int               `json:"reserve_seconds"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	hold, err := seconds("reserve_seconds", in.ReserveSeconds, 0)
	if err != nil {
		return err
	}
	_, err = b.manager.Get(r.Context(), in.Reference)
	isNew := errors.Is(err, delivery.ErrNotFound)
	d, err := b.manager.Start(r.Context(), delivery.Request{
		Reference: in.Reference, Area: in.Area, Location: in.Location, Tower: in.Tower,
		Types: in.Types, LowLocker: in.Low, ReserveFor: hold,
	})
	if over, ok := errors.AsType[*delivery.EndedError](err); ok {
		d, err = over.Delivery, nil
	}
	b.showDelivery(d)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if isNew {
		status = http.StatusCreated
	}
	writeJSON(w, status, viewOf(d))
	return nil
}

func (b *backend) getDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := b.manager.Get(r.Context(), r.PathValue("reference"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, viewOf(d))
	return nil
}

func (b *backend) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := delivery.Filter{After: q.Get("after"), Open: q.Get("open") == "true", Limit: 50}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 500 {
			return invalid("limit must be a number from 1 to 500")
		}
		f.Limit = n
	}
	for _, name := range q["phase"] {
		phase := delivery.Phase(name)
		if !phase.Known() {
			return invalid("there is no such phase")
		}
		f.Phases = append(f.Phases, phase)
	}
	page, err := b.manager.List(r.Context(), f)
	if err != nil {
		return err
	}
	out := struct {
		Deliveries []view `json:"deliveries"`
		Next       string `json:"next,omitempty"` // the after of the next page
	}{Deliveries: []view{}}
	for _, d := range page {
		out.Deliveries = append(out.Deliveries, viewOf(d))
	}
	if len(page) == f.Limit {
		out.Next = page[len(page)-1].Reference
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (b *backend) cancelDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := b.manager.Cancel(r.Context(), r.PathValue("reference"))
	b.showDelivery(d)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, viewOf(d))
	return nil
}

type tokenFunc func(context.Context, string, harbor.TokenRequest) (*harbor.LockerToken, error)

func (b *backend) dropoff(w http.ResponseWriter, r *http.Request) error {
	return b.doorToken(w, r, b.manager.DropoffToken)
}

func (b *backend) pickup(w http.ResponseWriter, r *http.Request) error {
	return b.doorToken(w, r, b.manager.PickupToken)
}

// doorToken hands out what opens a door.
func (b *backend) doorToken(w http.ResponseWriter, r *http.Request, get tokenFunc) error {
	var in struct {
		Seconds int `json:"seconds"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(w, r, &in); err != nil {
			return err
		}
	}
	life, err := seconds("seconds", in.Seconds, 5*time.Minute)
	if err != nil {
		return err
	}
	t, err := get(r.Context(), r.PathValue("reference"), harbor.TokenRequest{Duration: life})
	if err != nil {
		return err
	}
	b.source.touch(t.Tower)
	b.wall.Nudge()
	out := struct {
		Tower       harbor.TowerID  `json:"tower"`
		Locker      harbor.LockerID `json:"locker,omitempty"`
		Door        string          `json:"door,omitempty"`
		Payload     string          `json:"payload"`
		PayloadAuth string          `json:"payload_auth"`
		ExpiresAt   *time.Time      `json:"expires_at"`
	}{Tower: t.Tower, Payload: t.Payload, PayloadAuth: t.PayloadAuth, ExpiresAt: instant(t.ExpiresAt)}
	if t.Locker != nil {
		out.Locker, out.Door = t.Locker.ID, t.Locker.Name
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

func (b *backend) towerToken(w http.ResponseWriter, r *http.Request) error {
	t, err := b.clients.harbor.Token(r.Context(), harbor.ScopeTowerAccess)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		AccessToken string     `json:"access_token"`
		TokenType   string     `json:"token_type"`
		ExpiresAt   *time.Time `json:"expires_at"`
	}{t.AccessToken, "bearer", instant(t.Expiry)})
	return nil
}

func (b *backend) arrival(w http.ResponseWriter, r *http.Request) error {
	a, err := b.arrivals.of(r.Context(), foxtrot.DCID(r.PathValue("dc")), foxtrot.CustomerID(r.PathValue("customer")))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, a)
	return nil
}

func (b *backend) reservation(w http.ResponseWriter, r *http.Request) error {
	known, ok := b.changes.get(r.PathValue("reservation"))
	if !ok {
		return errNoReservation
	}
	writeJSON(w, http.StatusOK, known)
	return nil
}

// showDelivery has the wall look where a delivery is; nil is none.
func (b *backend) showDelivery(d *delivery.Delivery) {
	if d == nil {
		return
	}
	if ref, ok := d.Ref(); ok {
		b.show(ref)
	}
}

// seconds reads a time in seconds; 0 is the default.
func seconds(field string, n int, otherwise time.Duration) (time.Duration, error) {
	const day = 24 * 60 * 60
	if n < 0 || n > day {
		return 0, invalid(field + " must be from 1 to " + strconv.Itoa(day))
	}
	if n == 0 {
		return otherwise, nil
	}
	return time.Duration(n) * time.Second, nil
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

// isJSON reports whether a request says that its body is JSON.
func isJSON(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/json")
}

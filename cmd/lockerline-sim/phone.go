package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// phone is one of Harbor's phones, by the name that a client gave it.
type phone struct {
	mu    sync.Mutex // one use at a time
	phone *harbortest.Phone
	tower harbor.TowerID
}

// maxPhones bounds the names that clients may make up.
const maxPhones = 1000

func (w *world) phone(name string) (*phone, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.phones[name]
	if p == nil {
		if len(w.phones) == maxPhones {
			return nil, false
		}
		p = new(phone)
		w.phones[name] = p
	}
	return p, true
}

// newPhone has the simulator's own access token unless there is another.
func (w *world) newPhone(ctx context.Context, accessToken string) (*harbortest.Phone, error) {
	if accessToken == "" {
		t, err := w.client.Token(ctx, harbor.ScopeTowerAccess)
		if err != nil {
			return nil, err
		}
		accessToken = t.AccessToken
	}
	return w.harbor.Phone(accessToken), nil
}

func (s *simulator) connectPhone(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Phone       string         `json:"phone"`
		Tower       harbor.TowerID `json:"tower"`
		AccessToken string         `json:"access_token"`
	}
	if !read(rw, r, &body) {
		return
	}
	if body.Tower == "" {
		missing(rw, "tower")
		return
	}
	w := s.world()
	if !w.hasTower(body.Tower) {
		refuse(rw, http.StatusNotFound, "Tower not found")
		return
	}
	p, ok := w.phone(body.Phone)
	if !ok {
		refuse(rw, http.StatusTooManyRequests, "there are too many phones: POST /_sim/reset")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phone, p.tower = nil, ""
	device, err := w.newPhone(r.Context(), body.AccessToken)
	if err == nil {
		err = device.Connect(body.Tower)
	}
	s.look(r.Context())
	if err != nil {
		refusePhone(rw, err)
		return
	}
	p.phone, p.tower = device, body.Tower.Normalize()
	answer(rw, http.StatusOK, map[string]any{"tower": p.tower})
}

func (s *simulator) usePhone(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Phone       string `json:"phone"`
		Payload     string `json:"payload"`
		PayloadAuth string `json:"payload_auth"`
	}
	if !read(rw, r, &body) {
		return
	}
	if body.Payload == "" || body.PayloadAuth == "" {
		field := "payload"
		if body.Payload != "" {
			field = "payload_auth"
		}
		missing(rw, field)
		return
	}
	w := s.world()
	p, ok := w.phone(body.Phone)
	if !ok {
		refuse(rw, http.StatusTooManyRequests, "there are too many phones: POST /_sim/reset")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phone == nil {
		refusePhone(rw, harbortest.ErrNotConnected)
		return
	}
	ref, err := s.swing(r.Context(), p.phone, p.tower, body.Payload, body.PayloadAuth)
	if err != nil {
		refusePhone(rw, err)
		return
	}
	view, _ := w.harbor.Locker(ref)
	answer(rw, http.StatusOK, map[string]any{"tower": ref.Tower, "locker": ref.Locker, "name": view.Name, "status": view.Status})
}

// swing opens a door, shuts it and syncs; the wall sees each step.
func (s *simulator) swing(ctx context.Context, device *harbortest.Phone, tower harbor.TowerID, payload, auth string) (harbor.LockerRef, error) {
	id, err := device.Use(payload, auth)
	if err != nil {
		return harbor.LockerRef{}, err
	}
	s.look(ctx)
	defer s.look(ctx)
	return harbor.LockerRef{Tower: tower, Locker: id}, device.CloseDoor()
}

func (s *simulator) openLink(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Link string `json:"link"`
	}
	if !read(rw, r, &body) {
		return
	}
	if body.Link == "" {
		missing(rw, "link")
		return
	}
	redirect, err := s.world().harbor.OpenLink(body.Link)
	s.look(r.Context())
	if err != nil {
		refusePhone(rw, err)
		return
	}
	answer(rw, http.StatusOK, map[string]any{"redirect": redirect})
}

// phoneRefusals are the answers to what goes wrong at a tower.
var phoneRefusals = []struct {
	err    error
	status int
	hint   string
}{
	{harbortest.ErrNotConnected, http.StatusConflict, ": POST /_sim/phone/connect first"},
	{harbortest.ErrSession, http.StatusForbidden, ": is the access token good, and for tower_access?"},
	{harbortest.ErrForged, http.StatusForbidden, ": is the phone connected to the tower the token is for?"},
	{harbortest.ErrExpired, http.StatusGone, ""},
	{harbortest.ErrUsed, http.StatusConflict, ""},
	{harbortest.ErrRevoked, http.StatusGone, ""},
	{harbortest.ErrLink, http.StatusGone, ""},
}

func refusePhone(rw http.ResponseWriter, err error) {
	for _, known := range phoneRefusals {
		if errors.Is(err, known.err) {
			refuse(rw, known.status, strings.TrimPrefix(known.err.Error(), "harbortest: ")+known.hint)
			return
		}
	}
	// What remains are faults that were asked for: Harbor failed the phone.
	refuse(rw, http.StatusBadGateway, "Harbor failed the phone: what the tower knows is synced when a phone connects again")
}

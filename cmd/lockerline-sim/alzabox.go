package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go/alzabox/alzaboxtest"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// newAlzaBox is AlzaBox on the address of c, sending callbacks when c says where to.
func newAlzaBox(c config) (*alzaboxtest.Server, error) {
	srv := alzaboxtest.New(nil)
	srv.URL = c.alzaboxURL
	srv.Credentials.ClientSecret, srv.Credentials.Password = c.alzaboxSecret, c.alzaboxSecret
	if c.callbackURL == "" {
		return srv, nil
	}
	var opts []callbackstest.Option
	if user, password, ok := strings.Cut(c.callbackUser, ":"); ok {
		opts = append(opts, callbackstest.WithBasic(user, password))
	} else if c.callbackUser != "" {
		return srv, errors.New("-callback-user must be user:password")
	}
	sender, err := callbackstest.NewSender(c.callbackURL, opts...)
	if err == nil {
		srv.SendTo(sender, alzaboxtest.VariantPrereservation)
	}
	return srv, err
}

func (w *world) alzaboxReady() alzaboxReady {
	c := w.alzabox.Credentials
	return alzaboxReady{
		APIURL: w.alzabox.URL, TokenURL: w.alzabox.URL + "/connect/token",
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, Username: c.Username, Password: c.Password,
	}
}

// serveAlzaBox answers as AlzaBox. What a request changes may have a callback.
func (s *simulator) serveAlzaBox(rw http.ResponseWriter, r *http.Request) {
	defer s.sendSoon()
	s.world().alzabox.ServeHTTP(rw, r)
}

func (s *simulator) sendSoon() {
	select {
	case s.send <- struct{}{}:
	default:
	}
}

// sendCallbacks sends what waits until ctx ends. A callback that no try got through is
// dropped, as by the vendor.
func (s *simulator) sendCallbacks(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.send:
			_, _ = s.world().alzabox.Deliver(ctx)
		}
	}
}

// plays are what a person can do to a reservation of AlzaBox.
var plays = map[string]func(*alzaboxtest.Server, string) error{
	"stock":    (*alzaboxtest.Server).Stock,
	"not_fit":  (*alzaboxtest.Server).NotFit,
	"pick_up":  (*alzaboxtest.Server).PickUp,
	"take_out": (*alzaboxtest.Server).TakeOut,
	"cancel":   (*alzaboxtest.Server).CancelByStaff,
}

func (s *simulator) playAlzaBox(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Do          string `json:"do"`
		Reservation string `json:"reservation"`
		Box         int    `json:"box"`
		Barcode     string `json:"barcode"`
	}
	if !read(rw, r, &body) {
		return
	}
	srv, id := s.world().alzabox, body.Reservation
	var err error
	switch play, known := plays[body.Do]; {
	case body.Do == "bring_in":
		id, err = srv.BringIn(body.Box, body.Barcode)
	case known:
		err = play(srv, id)
	default:
		words := slices.Sorted(maps.Keys(plays))
		invalid(rw, "do", "must be bring_in, "+strings.Join(words, ", "))
		return
	}
	if err != nil {
		refuse(rw, http.StatusConflict, strings.TrimPrefix(err.Error(), "alzaboxtest: "))
		return
	}
	s.sendSoon()
	for _, v := range srv.Reservations() {
		if v.ID == id {
			answer(rw, http.StatusOK, map[string]any{"reservation": id, "status": v.Status})
			return
		}
	}
}

func (s *simulator) setSending(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		On *bool `json:"on"`
	}
	switch {
	case !read(rw, r, &body):
		return
	case body.On == nil:
		missing(rw, "on")
		return
	case s.config.callbackURL == "":
		refuse(rw, http.StatusConflict, "there is no receiver: begin with -callback-url")
		return
	case *body.On:
		s.world().alzabox.Resume()
	default:
		s.world().alzabox.StopSending()
	}
	answer(rw, http.StatusOK, map[string]any{"on": *body.On})
}

type reservationJSON struct {
	ID      string `json:"id"`
	Box     int    `json:"box"`
	Status  string `json:"status"`
	Flow    string `json:"flow_type,omitempty"`
	Blocked bool   `json:"blocked"`
}

func (s *simulator) getAlzaBox(rw http.ResponseWriter, _ *http.Request) {
	srv := s.world().alzabox
	out := []reservationJSON{}
	for _, v := range srv.Reservations() {
		out = append(out, reservationJSON{v.ID, v.Box.ID, string(v.Status), string(v.FlowType.Or("")), v.Blocked.Or(false)})
	}
	answer(rw, http.StatusOK, map[string]any{"now": srv.Now(), "reservations": out})
}

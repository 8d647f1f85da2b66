package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
)

func alzaboxClient(t *testing.T, here ready) *alzabox.Client {
	t.Helper()
	a := here.AlzaBox
	c, err := alzabox.NewClient(lockerline.Environment{APIURL: a.APIURL, TokenURL: a.TokenURL},
		alzabox.Credentials{ClientID: a.ClientID, ClientSecret: a.ClientSecret, Username: a.Username, Password: a.Password})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func reservationOf(id string) alzabox.ReservationRequest {
	return alzabox.ReservationRequest{
		ID: id, Box: alzabox.BoxRef{ID: 20},
		Times:    alzabox.Times{Expiration: callbacks.Some(time.Now().Add(24 * time.Hour))},
		Packages: []alzabox.Package{{Barcode: "P-" + id, Dimensions: alzabox.Dimensions{Depth: 5, Height: 5, Width: 5}}},
	}
}

func TestAlzaBox_ChangesAreSentUntilSendingEnds(t *testing.T) {
	t.Parallel()
	got := make(chan callbacks.ReservationChange, 8)
	receiver, err := callbacks.NewHandler(callbacks.Reservations(), callbacks.SinkFunc[callbacks.ReservationChange](
		func(_ context.Context, d callbacks.Received[callbacks.ReservationChange]) (callbacks.Outcome, error) {
			got <- d.Value
			return callbacks.OutcomeStored, nil
		}), callbacks.WithCredentials(callbacks.Basic("sim", "user", "password")))
	require.NoError(t, err)
	target := httptest.NewServer(receiver)
	defer target.Close()
	c := begin(t, "-callback-url", target.URL, "-callback-user", "user:password")
	client := alzaboxClient(t, c.here)
	made, err := client.Reservations.Create(t.Context(), reservationOf("order-1"))
	require.NoError(t, err)
	require.Equal(t, callbacks.StatusReserved, made.Status)

	play := func(body string) answered { return c.post(t, "/_sim/alzabox/play", "", body) }
	require.Equal(t, http.StatusOK, play(`{"do":"stock","reservation":"order-1"}`).code)
	select {
	case change := <-got:
		assert.Equal(t, callbacks.StatusStocked, change.Status)
		assert.Equal(t, "order-1", change.ReservationID)
	case <-time.After(30 * time.Second):
		t.Fatal("no callback came")
	}
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/alzabox/sending", "", `{"on":false}`).code)
	require.Equal(t, http.StatusOK, play(`{"do":"pick_up","reservation":"order-1"}`).code)
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/alzabox/sending", "", `{"on":true}`).code)
	require.Equal(t, http.StatusOK, play(`{"do":"bring_in","box":20,"barcode":"back-1"}`).code)
	select {
	case change := <-got:
		assert.Equal(t, callbacks.StatusReturning, change.Status, "what changed meanwhile is never sent")
	case <-time.After(30 * time.Second):
		t.Fatal("no callback came")
	}
	now, err := client.Reservations.Get(t.Context(), "order-1")
	require.NoError(t, err)
	assert.Equal(t, callbacks.StatusPickedUp, now.Status)
}

func TestAlzaBox_PlaysThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	c := begin(t)
	for body, code := range map[string]int{
		`{"do":"stock","reservation":"none"}`:          http.StatusConflict,
		`{"do":"dance","reservation":"none"}`:          http.StatusUnprocessableEntity,
		`{"do":"bring_in","box":99,"barcode":"P"}`:     http.StatusConflict,
		`{"do":"stock","reservation":"none","more":1}`: http.StatusUnprocessableEntity,
	} {
		a := c.post(t, "/_sim/alzabox/play", "", body)
		assert.Equal(t, code, a.code, body)
		assert.True(t, json.Valid([]byte(a.body)), a.body)
	}
	assert.Equal(t, http.StatusConflict, c.post(t, "/_sim/alzabox/sending", "", `{"on":true}`).code, "there is no receiver")
	assert.Equal(t, http.StatusUnprocessableEntity, c.get(t, "/_sim/requests?api=other", "").code)
}

func TestAlzaBox_ResetKeepsTheCredentials(t *testing.T) {
	t.Parallel()
	c := begin(t, "-alzabox-secret", "known")
	assert.Equal(t, "known", c.here.AlzaBox.Password)
	client := alzaboxClient(t, c.here)
	_, err := client.Reservations.Create(t.Context(), reservationOf("order-1"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/reset", "", "").code)
	_, err = client.Reservations.Get(t.Context(), "order-1")
	require.ErrorIs(t, err, lockerline.ErrNotFound)
}

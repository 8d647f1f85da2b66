package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// noEnv takes away what the machine may have set.
func noEnv(t *testing.T) {
	for _, name := range []string{harbor.EnvName, harbor.EnvAPIURL, harbor.EnvTokenURL, harbor.EnvClientID, harbor.EnvClientSecret} {
		t.Setenv(name, "")
	}
}

// pointAt makes the program talk to a simulator as to a real service.
func pointAt(t *testing.T, srv *harbortest.Server) {
	t.Setenv(harbor.EnvName, "")
	t.Setenv(harbor.EnvAPIURL, srv.Environment().APIURL)
	t.Setenv(harbor.EnvTokenURL, srv.Environment().TokenURL)
	t.Setenv(harbor.EnvClientID, srv.Credentials().ClientID)
	t.Setenv(harbor.EnvClientSecret, srv.Credentials().ClientSecret)
}

func parse(t *testing.T, out string) (all []steps.Step) {
	t.Helper()
	for line := range strings.Lines(out) {
		var s steps.Step
		require.NoError(t, json.Unmarshal([]byte(line), &s), line)
		all = append(all, s)
	}
	return all
}

func statuses(all []steps.Step) (seen []harbor.LockerStatus) {
	for _, s := range all {
		if s.Status != "" {
			seen = append(seen, s.Status)
		}
	}
	return seen
}

var wholeLife = []harbor.LockerStatus{
	harbor.LockerStatusAvailable, harbor.LockerStatusReserved, harbor.LockerStatusRented, harbor.LockerStatusOccupied, harbor.LockerStatusAvailable,
}

func TestDelivery_GoesThroughEveryStatusInOrder(t *testing.T) {
	noEnv(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-json"}, &out, io.Discard))
	all := parse(t, out.String())
	assert.Equal(t, wholeLife, statuses(all))
	last := all[len(all)-1]
	assert.Equal(t, "done", last.Name)
	assert.NotZero(t, last.Locker)
	assert.True(t, last.Tower.Valid())
}

func TestDelivery_PrintsTheWayWithoutColourOffATerminal(t *testing.T) {
	noEnv(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out, io.Discard))
	assert.Contains(t, out.String(), "─pickup token used→ available")
	assert.NotContains(t, out.String(), "\x1b[")
}

// watcherOfDoors plays the people before the towers: whatever token the API hands out is
// used at once, as a phone somewhere would.
func watcherOfDoors(t *testing.T, srv *harbortest.Server) *harbor.Client {
	t.Helper()
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestDelivery_WaitsForTheRealDoorByPolling(t *testing.T) {
	srv := harbortest.NewServer(t)
	deliverWithPeople(t, srv)
}

// TestDelivery_WorksWhereTheDocumentsDisagree points the program at services that answer
// in each of the ways that Harbor's pages and clients leave open.
func TestDelivery_WorksWhereTheDocumentsDisagree(t *testing.T) {
	for name, q := range map[string]harbortest.Quirks{
		"snake case, envelopes, flat": {Casing: harbortest.CasingSnake, ItemsEnvelope: true, AreaShape: harbortest.AreaFlat},
		"camel case, split, created":  {Casing: harbortest.CasingCamel, AreaShape: harbortest.AreaSplit, CreateStatus: http.StatusCreated},
		"empty answers, upper case":   {CreateStatus: http.StatusNoContent, UpperCaseTowerIDs: true, LowerCaseTowersOnly: true},
		"other names, no zones": {
			StatusNames: map[harbor.LockerStatus]string{
				harbor.LockerStatusAvailable: "AVAILABLE", harbor.LockerStatusReleased: "Declined", harbor.LockerStatusOutOfService: "Out of service",
			},
			ZonelessTimes: true, NoAccessMode: true,
		},
		"one refusal for all": {RefusalStatus: http.StatusBadRequest, ReleasedIsUnassigned: true, RentalEndsAtSync: true},
	} {
		t.Run(name, func(t *testing.T) {
			srv := harbortest.NewServer(t, harbortest.WithQuirks(q))
			deliverWithPeople(t, srv)
		})
	}
}

func deliverWithPeople(t *testing.T, srv *harbortest.Server) {
	t.Helper()
	pointAt(t, srv)
	client := watcherOfDoors(t, srv)
	ctx, cancel := context.WithCancel(t.Context())
	people := make(chan struct{})
	go func() {
		defer close(people)
		usePendingTokens(ctx, srv, client)
	}()
	var out bytes.Buffer
	err := run(ctx, []string{"-json", "-poll", "20ms", "-timeout", "20s"}, &out, io.Discard)
	cancel()
	<-people
	require.NoError(t, err)
	assert.Equal(t, wholeLife, statuses(parse(t, out.String())))
}

// usePendingTokens stands before every tower: it asks for a token of its own for each
// locker of ours that waits for a door, and uses it.
func usePendingTokens(ctx context.Context, srv *harbortest.Server, c *harbor.Client) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lockers, err := c.Lockers.Assigned(ctx)
		if err != nil {
			continue
		}
		for _, l := range lockers {
			get := c.Lockers.DropoffToken
			switch {
			case l.Status == harbor.LockerStatusOccupied && len(srv.Requests("lockers.pickup_token")) > 0:
				get = c.Lockers.PickupToken
			case l.Status != harbor.LockerStatusRented:
				continue
			}
			token, err := get(ctx, l.Ref(), harbor.TokenRequest{Duration: time.Minute})
			if err != nil {
				continue
			}
			if tower, err := c.Token(ctx, harbor.ScopeTowerAccess); err == nil {
				_ = simulated{srv}.open(ctx, tower.AccessToken, token)
			}
		}
	}
}

func TestGiveBack_AfterAnInterrupt(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	ctx, interrupt := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := run(ctx, []string{"-json", "-poll", "20ms"}, writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte(`"dropoff_door"`)) {
			interrupt() // while it waits for the door
		}
		return out.Write(p)
	}), io.Discard)
	require.ErrorIs(t, err, context.Canceled)
	all := parse(t, out.String())
	assert.Equal(t, "released", all[len(all)-1].Name)
	for _, l := range srv.Snapshot() {
		if l.Owner == srv.Credentials().ClientID {
			assert.Equal(t, harbor.LockerStatusReleased, l.Status, l.Ref)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestGiveBack_AfterALostAnswer(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
	err := run(t.Context(), []string{"-json"}, io.Discard, io.Discard)
	require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	for _, l := range srv.Snapshot() {
		assert.NotEqual(t, srv.Credentials().ClientID, l.Owner, l.Ref)
	}
}

func TestDelivery_TriesTheNextLockerWhenAnotherWasFaster(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	srv.Fail("lockers.reserve", lockerlinetest.Answer(http.StatusConflict, "application/json", `{"detail":"Locker is not available"}`).Times(2))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	_ = run(ctx, []string{"-json", "-poll", "20ms", "-timeout", "200ms"}, &out, io.Discard)
	taken := 0
	for _, s := range parse(t, out.String()) {
		if s.Name == "taken" {
			taken++
		}
	}
	assert.Equal(t, 2, taken)
	assert.Contains(t, out.String(), `"step":"reserve"`)
}

// Which status a refusal has is not documented.
func TestDelivery_RefusalIsUnderstoodWhateverItsStatus(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusConflict, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusLocked} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			srv := harbortest.NewServer(t)
			pointAt(t, srv)
			srv.Fail("lockers.reserve", lockerlinetest.Answer(status, "application/json", `{"detail":"Locker is reserved"}`))
			var out bytes.Buffer
			_ = run(t.Context(), []string{"-json", "-poll", "20ms", "-timeout", "50ms"}, &out, io.Discard)
			assert.Contains(t, out.String(), `"step":"taken"`)
			assert.Contains(t, out.String(), `"step":"reserve"`)
		})
	}
}

func TestDelivery_RefusalOfTheAccountEndsTheSearch(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusNotImplemented} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			srv := harbortest.NewServer(t)
			pointAt(t, srv)
			srv.Fail("lockers.reserve", lockerlinetest.Answer(status, "application/json", `{"detail":"no"}`).WithHeader("Retry-After", "3600").Times(9))
			var out bytes.Buffer
			require.Error(t, run(t.Context(), []string{"-json"}, &out, io.Discard))
			assert.NotContains(t, out.String(), `"step":"taken"`)
		})
	}
}

// A list that does not tell of a locker is no proof that it is not ours.
func TestGiveBack_LockerThatTheListLacks(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	srv.Fail("lockers.dropoff_token", lockerlinetest.Answer(http.StatusBadRequest, "application/json", `{"detail":"no"}`))
	srv.Fail("lockers.assigned", lockerlinetest.Answer(http.StatusOK, "application/json", `[]`).Times(9))
	require.Error(t, run(t.Context(), []string{"-json"}, io.Discard, io.Discard))
	for _, l := range srv.Snapshot() {
		assert.NotEqual(t, srv.Credentials().ClientID, l.Owner, l.Ref)
	}
}

func TestRun_FailureIsOneLineWithoutSecrets(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	t.Setenv(harbor.EnvClientSecret, "not-the-secret")
	err := run(t.Context(), nil, io.Discard, io.Discard)
	require.ErrorIs(t, err, lockerline.ErrUnauthorized)
	assert.NotContains(t, err.Error(), "not-the-secret")
	assert.NotContains(t, err.Error(), "\n")
}

func TestFlags_WrongOnesAreRefused(t *testing.T) {
	noEnv(t)
	for _, args := range [][]string{
		{"-start", "north"}, {"-poll", "0s"}, {"-timeout", "-1s"}, {"-type", "bathtub"}, {"surplus"}, {"-start", "91,0"},
	} {
		assert.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
}

func TestRun_HalfSetVariablesAreAnError(t *testing.T) {
	noEnv(t)
	t.Setenv(harbor.EnvClientID, "somebody")
	err := run(t.Context(), nil, io.Discard, io.Discard)
	require.Error(t, err)
	assert.Contains(t, err.Error(), harbor.EnvClientSecret)
}

func TestFlags_WrongOneIsNamedInOneLine(t *testing.T) {
	for flag, args := range map[string][]string{"-surplus": {"-surplus"}, "-start": {"-start", "north"}, "-poll": {"-poll", "often"}} {
		var errs bytes.Buffer
		err := run(t.Context(), args, io.Discard, &errs)
		require.ErrorContains(t, err, flag)
		assert.NotContains(t, err.Error(), "\n")
		assert.Empty(t, errs.String(), "the error is all that is printed")
	}
}

func TestHelp_IsPrintedWhereItWasAskedFor(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &out, io.Discard))
	assert.Contains(t, out.String(), "-poll")
}

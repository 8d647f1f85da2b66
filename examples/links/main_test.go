package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// noEnv empties the variables that the machine may have set.
func noEnv(t *testing.T) {
	for _, name := range []string{harbor.EnvName, harbor.EnvAPIURL, harbor.EnvTokenURL, harbor.EnvClientID, harbor.EnvClientSecret} {
		t.Setenv(name, "")
	}
}

// pointAt makes the program talk to a simulator as to a real service.
func pointAt(t *testing.T, opts ...harbortest.Option) *harbortest.Server {
	srv := harbortest.NewServer(t, opts...)
	t.Setenv(harbor.EnvName, "")
	t.Setenv(harbor.EnvAPIURL, srv.Environment().APIURL)
	t.Setenv(harbor.EnvTokenURL, srv.Environment().TokenURL)
	t.Setenv(harbor.EnvClientID, srv.Credentials().ClientID)
	t.Setenv(harbor.EnvClientSecret, srv.Credentials().ClientSecret)
	return srv
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

func names(all []steps.Step) (out []string) {
	for _, s := range all {
		out = append(out, s.Name)
	}
	return out
}

var wholeWay = []string{
	"locations", "types", "dropoff_link", "dropoff_door", "webhook", "webhook", "webhook", "occupied",
	"pickup_link", "pickup_door", "webhook", "webhook", "done",
}

func TestLinks_WebhookReportsThatTheLinkWasOpened(t *testing.T) {
	noEnv(t)
	var out bytes.Buffer
	// An hour between polls: only a webhook can have reported it.
	require.NoError(t, run(t.Context(), []string{"-json", "-poll", "1h", "-timeout", "30s"}, &out, io.Discard))
	all := parse(t, out.String())
	require.Equal(t, wholeWay, names(all))
	var statuses []harbor.LockerStatus
	for _, s := range all {
		if s.Status != "" {
			statuses = append(statuses, s.Status)
		}
	}
	assert.Equal(t, []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusOccupied, harbor.LockerStatusAvailable}, statuses)
	used := all[6]
	assert.Equal(t, string(harbor.WebhookSourceLockerTokenUsed), used.Source)
	assert.Equal(t, all[2].Request, used.Request, "it names the link")
	assert.NotEqual(t, all[8].Request, used.Request)
}

func TestLinks_DrawsTheStepsForPeople(t *testing.T) {
	noEnv(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out, io.Discard))
	assert.Contains(t, out.String(), "rented ─dropoff token used→ occupied ─pickup token used→ available")
	assert.NotContains(t, out.String(), "token=", "the link is not printed")
	assert.NotContains(t, out.String(), "\x1b[")
}

func TestLinks_PrintsALinkOnlyWithShowLink(t *testing.T) {
	noEnv(t)
	for _, format := range []string{"-json", "-json=false"} {
		var quiet, open bytes.Buffer
		require.NoError(t, run(t.Context(), []string{format}, &quiet, io.Discard))
		assert.NotContains(t, quiet.String(), "lockeropen.com")
		require.NoError(t, run(t.Context(), []string{format, "-show-link"}, &open, io.Discard))
		assert.Equal(t, 2, strings.Count(open.String(), "lockeropen.com"))
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// With a real service no webhook comes here, and another process opens the link.
func TestLinks_PollsARealServiceUntilTheCustomerComes(t *testing.T) {
	srv := pointAt(t)
	links := make(chan string, 2)
	opened := make(chan error, 2)
	go func() {
		for link := range links {
			_, err := srv.OpenLink(link)
			opened <- err
		}
	}()
	defer close(links)
	var out bytes.Buffer
	err := run(t.Context(), []string{"-json", "-show-link", "-poll", "20ms", "-timeout", "20s"}, writerFunc(func(p []byte) (int, error) {
		var s steps.Step
		if json.Unmarshal(p, &s) == nil && s.Link != "" {
			links <- s.Link
		}
		return out.Write(p)
	}), io.Discard)
	require.NoError(t, err)
	require.NoError(t, <-opened)
	require.NoError(t, <-opened)
	assert.Equal(t, []string{"locations", "types", "dropoff_link", "dropoff_door", "occupied", "pickup_link", "pickup_door", "done"},
		names(parse(t, out.String())))
}

func TestLinks_TakesALargerLockerWhenNoneOfTheSizeIsFree(t *testing.T) {
	srv := pointAt(t)
	for _, l := range srv.Snapshot() {
		if l.Type.Name == "small" || l.Type.Name == "medium" {
			require.NoError(t, srv.SetStatus(l.Ref, harbor.LockerStatusOccupied, harbortest.NeighbourClientID))
		}
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"-json", "-poll", "20ms", "-timeout", "100ms"}, &out, io.Discard)
	require.ErrorIs(t, err, context.DeadlineExceeded, "nobody opens the link")
	all := parse(t, out.String())
	assert.Equal(t, []string{"locations", "types", "full", "full", "dropoff_link", "dropoff_door", "released"}, names(all))
	taken, ok := srv.Locker(harbor.LockerRef{Tower: all[4].Tower, Locker: all[4].Locker})
	require.True(t, ok)
	assert.Equal(t, "large", taken.Type.Name)
	assert.Equal(t, harbor.LockerStatusReleased, taken.Status, "it was given back")
}

func TestLinks_InterruptGivesTheLockerBack(t *testing.T) {
	srv := pointAt(t)
	ctx, interrupt := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := run(ctx, []string{"-json", "-poll", "20ms"}, writerFunc(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte(`"dropoff_door"`)) {
			interrupt()
		}
		return out.Write(p)
	}), io.Discard)
	require.ErrorIs(t, err, context.Canceled)
	for _, l := range srv.Snapshot() {
		if l.Owner == srv.Credentials().ClientID {
			assert.Equal(t, harbor.LockerStatusReleased, l.Status, l.Ref)
		}
	}
	assert.Contains(t, out.String(), `"released"`)
}

func TestLinks_LostAnswerSaysThatALockerMayBeTaken(t *testing.T) {
	srv := pointAt(t)
	srv.Fail("links.dropoff", lockerlinetest.Disconnect(lockerlinetest.After))
	err := run(t.Context(), nil, io.Discard, io.Discard)
	require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	assert.Contains(t, err.Error(), "look at those assigned to you")
	assert.Len(t, srv.Requests("links.dropoff"), 1, "it is not asked for again")
}

func TestLinks_SaysThatNothingIsFreeOrTheTypeUnknown(t *testing.T) {
	srv := pointAt(t)
	err := run(t.Context(), []string{"-type", "bathtub"}, io.Discard, io.Discard)
	assert.ErrorContains(t, err, "small, medium, large, x-large")
	for _, l := range srv.Snapshot() {
		require.NoError(t, srv.SetStatus(l.Ref, harbor.LockerStatusOutOfService, ""))
	}
	assert.ErrorContains(t, run(t.Context(), nil, io.Discard, io.Discard), "no locker is free in this area")
}

func TestReceiver_RefusesAWebhookWithoutTheSecret(t *testing.T) {
	r, err := newReceiver()
	require.NoError(t, err)
	defer r.close()
	for _, header := range []string{"", "Bearer wrong", "Bearer " + r.secret + "x"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(`{"event":"LOCKER_OPERATION"}`))
		require.NoError(t, err)
		req.Header.Set("Authorization", header)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		res.Body.Close()
		assert.Equal(t, http.StatusUnauthorized, res.StatusCode, header)
	}
	assert.Empty(t, r.events)
}

func TestLinks_RefusesWrongFlagsAndHalfSetVariables(t *testing.T) {
	noEnv(t)
	for _, args := range [][]string{{"-start", "north"}, {"-poll", "0s"}, {"-timeout", "-1s"}, {"surplus"}, {"-start", "91,0"}} {
		assert.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
	t.Setenv(harbor.EnvClientID, "somebody")
	assert.ErrorContains(t, run(t.Context(), nil, io.Discard, io.Discard), harbor.EnvClientSecret)
}

func TestLinks_WrongFlagIsOneLineThatNamesIt(t *testing.T) {
	for flag, args := range map[string][]string{"-surplus": {"-surplus"}, "-start": {"-start", "north"}, "-poll": {"-poll", "often"}} {
		var errs bytes.Buffer
		err := run(t.Context(), args, io.Discard, &errs)
		require.ErrorContains(t, err, flag)
		assert.NotContains(t, err.Error(), "\n")
		assert.Empty(t, errs.String(), "the error is all that is printed")
	}
}

func TestLinks_HelpIsPrintedToStdout(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &out, io.Discard))
	assert.Contains(t, out.String(), "-poll")
}

package harbor_test

import (
	"context"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

func TestOperations_BadArgumentsAreAllNamedAndNothingIsSent(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.answer(200, "{}")
	c := m.client(t)
	bad := harbor.LockerRef{Tower: "175", Locker: 0}
	nan, inf := math.NaN(), math.Inf(1)
	ll := func(lat, lng float64) lockerline.LatLng { return lockerline.LatLng{Lat: lat, Lng: lng} }
	type call = func(ctx context.Context) error
	reserve := func(ref harbor.LockerRef, d time.Duration) call {
		return func(ctx context.Context) error { _, err := c.Lockers.Reserve(ctx, ref, d); return err }
	}
	area := func(a, b lockerline.LatLng) call {
		return func(ctx context.Context) error {
			_, err := c.Locations.InArea(ctx, harbor.Area{Start: a, End: b})
			return err
		}
	}
	closest := func(p lockerline.LatLng, r float64) call {
		return func(ctx context.Context) error {
			_, err := c.Locations.Closest(ctx, harbor.ClosestQuery{Position: p, Radius: r})
			return err
		}
	}
	tower := func(id harbor.TowerID) call {
		return func(ctx context.Context) error { _, err := c.Towers.Lockers(ctx, id); return err }
	}
	for name, tc := range map[string]struct {
		call   call
		fields string
	}{
		"zero duration":  {reserve(docRef, 0), "Duration"},
		"negative":       {reserve(docRef, -time.Second), "Duration"},
		"below a second": {reserve(docRef, time.Second-1), "Duration"},
		"fraction":       {reserve(docRef, 1500*time.Millisecond), "Duration"},
		"just above":     {reserve(docRef, time.Second+1), "Duration"},
		"shortest time":  {reserve(docRef, math.MinInt64), "Duration"},
		"everything":     {reserve(bad, 0), "TowerID LockerID Duration"},
		"drop-off": {func(ctx context.Context) error {
			_, err := c.Lockers.DropoffToken(ctx, bad, harbor.TokenRequest{ClientInfo: "a\x00b"})
			return err
		}, "TowerID LockerID Duration ClientInfo"},
		"pick-up": {func(ctx context.Context) error {
			_, err := c.Lockers.PickupToken(ctx, bad, harbor.TokenRequest{})
			return err
		}, "TowerID LockerID Duration"},
		"release":          {func(ctx context.Context) error { _, err := c.Lockers.Release(ctx, bad); return err }, "TowerID LockerID"},
		"cancel":           {func(ctx context.Context) error { return c.Lockers.CancelReservation(ctx, bad) }, "TowerID LockerID"},
		"15 digits":        {tower("010000000000014"), "TowerID"},
		"17 digits":        {tower("01000000000000144"), "TowerID"},
		"not hexadecimal":  {tower("010000000000001g"), "TowerID"},
		"path":             {tower("../../../secret1"), "TowerID"},
		"other digits":     {tower("０１００００００００００００１４"), "TowerID"},
		"empty":            {tower(""), "TowerID"},
		"tower's counts":   {func(ctx context.Context) error { _, err := c.Towers.Availability(ctx, "x"); return err }, "TowerID"},
		"location":         {func(ctx context.Context) error { _, err := c.Locations.Get(ctx, 0); return err }, "LocationID"},
		"location counts":  {func(ctx context.Context) error { _, err := c.Locations.Availability(ctx, -1); return err }, "LocationID"},
		"location lockers": {func(ctx context.Context) error { _, err := c.Locations.Lockers(ctx, math.MinInt64); return err }, "LocationID"},
		"page": {func(ctx context.Context) error {
			_, err := c.Locations.List(ctx, harbor.Page{Skip: -1, Limit: -1})
			return err
		}, "Skip Limit"},
		"inverted area":     {area(ll(35, -118), ll(34, -119)), "Area"},
		"no extent":         {area(ll(34, -118), ll(34, -118)), "Area"},
		"NaN":               {area(ll(nan, nan), ll(35, nan)), "Area.Start.Lat Area.Start.Lng Area.End.Lng"},
		"infinite":          {area(ll(-inf, inf), ll(inf, -inf)), "Area.Start.Lat Area.Start.Lng Area.End.Lat Area.End.Lng"},
		"out of range":      {area(ll(-90.001, 180.1), ll(91, -181)), "Area.Start.Lat Area.Start.Lng Area.End.Lat Area.End.Lng"},
		"inverted and more": {area(ll(100, 0), ll(-100, 0)), "Area.Start.Lat Area.End.Lat Area"},
		"closest":           {closest(ll(91, nan), 0), "Position.Lat Position.Lng Radius"},
		"negative radius":   {closest(ll(0, 0), -1), "Radius"},
		"NaN radius":        {closest(ll(0, 0), nan), "Radius"},
		"infinite radius":   {closest(ll(0, 0), inf), "Radius"},
		"link": {func(ctx context.Context) error {
			_, err := c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{})
			return err
		}, "LocationID LockerTypeID"},
		"link payload": {func(ctx context.Context) error {
			_, err := c.Links.Pickup(ctx, harbor.PickupLinkRequest{Locker: 1, LinkOptions: harbor.LinkOptions{Payload: map[string]any{"f": func() {}}}})
			return err
		}, "Payload"},
		"pick-up link": {func(ctx context.Context) error { _, err := c.Links.Pickup(ctx, harbor.PickupLinkRequest{}); return err }, "LockerID"},
		"request":      {func(ctx context.Context) error { _, err := c.Links.Get(ctx, 0); return err }, "id"},
		"user":         {func(ctx context.Context) error { _, err := c.Sessions.AuthorizeUser(ctx, ""); return err }, "userID"},
		"scopes":       {func(ctx context.Context) error { _, err := c.Token(ctx); return err }, "scopes"},
		"free request": {func(ctx context.Context) error {
			return c.Do(ctx, lockerline.Request{Method: "get", Path: "x?y", Query: 5, Body: func() {}}, nil)
		}, "Method Path Query Body"},
		"arguments missing": {func(ctx context.Context) error {
			return c.Do(ctx, lockerline.Request{Path: "/a/{b}/{c}", Args: []string{"1"}}, nil)
		}, "Args"},
		"open brace": {func(ctx context.Context) error { return c.Do(ctx, lockerline.Request{Path: "/a/{b"}, nil) }, "Path"},
		"dot segment": {func(ctx context.Context) error {
			return c.Do(ctx, lockerline.Request{Path: "/a/{b}", Args: []string{".."}}, nil)
		}, "b"},
		"empty element": {func(ctx context.Context) error {
			return c.Do(ctx, lockerline.Request{Path: "/a/{b}", Args: []string{""}}, nil)
		}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.call(t.Context())
			e := requireAs[*lockerline.ArgumentError](t, err)
			assert.Equal(t, tc.fields, strings.Join(fieldsOf(e), " "))
			assert.ErrorIs(t, err, lockerline.ErrInvalid)
			assert.False(t, lockerline.Retryable(err))
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), "secret1")
		})
	}
	assert.Empty(t, m.requests)
	assert.Empty(t, m.tokens)
}

func TestOperations_GoodArgumentsAreSent(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.respond(func(*http.Request) (*http.Response, error) { return httpmock.NewStringResponse(200, "[]"), nil })
	c := m.client(t)
	for _, a := range []harbor.Area{
		{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}, // the vendor's own
		{Start: lockerline.LatLng{Lat: 34, Lng: -119}, End: lockerline.LatLng{Lat: 35, Lng: -118}},
		{Start: lockerline.LatLng{Lat: 34, Lng: -119}, End: lockerline.LatLng{Lat: 34, Lng: -118}},
		{Start: lockerline.LatLng{Lat: -90, Lng: 180}, End: lockerline.LatLng{Lat: 90, Lng: -180}},
	} {
		_, err := c.Locations.InArea(t.Context(), a)
		require.NoError(t, err)
	}
	for _, id := range []harbor.TowerID{"0100000000000175", "ABCDEFabcdef0123", " 0100000000000175\n"} {
		_, err := c.Towers.Lockers(t.Context(), id)
		require.NoError(t, err, id)
	}
	assert.Equal(t, "GET /api/v1/towers/abcdefabcdef0123/lockers", m.requests[5].line)
	assert.Equal(t, "GET /api/v1/towers/0100000000000175/lockers", m.requests[6].line)
}

func TestOperations_PathElementsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.answer(200, "{}")
	c := m.client(t)
	for arg, want := range map[string]string{
		"a/b": "a%2Fb", "a?x=1": "a%3Fx=1", "a#b": "a%23b", "a%2fb": "a%252fb", "a b": "a%20b", "é": "%C3%A9", "...": "...",
	} {
		m.requests = nil
		require.NoError(t, c.Do(t.Context(), lockerline.Request{Path: "/x/{id}/y", Args: []string{arg}}, nil))
		require.Len(t, m.requests, 1)
		assert.Equal(t, "GET /x/"+want+"/y", m.requests[0].line)
	}
}

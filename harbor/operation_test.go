package harbor_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// operation is one row of harbor.Operations with all that a test needs to know of it.
type operation struct {
	name    string
	call    func(ctx context.Context, c *harbor.Client, opts ...lockerline.CallOption) (any, error)
	request string // method, path and query
	body    string // of the request; "-" for none
	fixture string // answer, in testdata
	want    any    // what it is decoded to
	refused refusal
	lenient bool // an empty answer, or {}, is one: what Harbor answers is not documented
	example string
}

// refusal is an answer by which Harbor says no to just this operation.
type refusal struct {
	status int
	detail string
	is     error
}

var (
	docRef  = harbor.LockerRef{Tower: "0100000000000014", Locker: 959}
	docType = harbor.LockerType{ID: 1, Name: "small"}
	tokenOf = harbor.TokenRequest{Duration: 5 * time.Minute, ClientInfo: "order 42"}
)

const lockerRoute = "/api/v1/towers/0100000000000014/lockers/959"

func docLocker(status harbor.LockerStatus, id int64, mode string) harbor.Locker {
	return harbor.Locker{ID: 959, Name: "14", Tower: docRef.Tower, Status: status, StatusID: id, Type: docType, AccessMode: mode}
}

func docLocation(tz string) harbor.Location {
	return harbor.Location{
		ID: 329, Name: "Grand Park Garage", Lat: new(34.0561), Lon: new(-118.2468), Address1: "100 Example Avenue",
		City: "Los Angeles", State: "California", Zip: "90012", Country: "United States", Timezone: &tz,
	}
}

func docAvailability() harbor.Availability {
	return harbor.Availability{Available: 5, Total: 12, ByType: []harbor.TypeAvailability{
		{Type: docType, Available: 3, Total: 8}, {Type: harbor.LockerType{ID: 2, Name: "medium"}, Available: 2, Total: 4},
	}}
}

func docToken() *harbor.LockerToken {
	l := docLocker(harbor.LockerStatusRented, 3, "")
	return &harbor.LockerToken{
		Tower: docRef.Tower, Locker: &l, Payload: "0b0101f3", PayloadAuth: "a1b2c3d4",
		Expires: "2025-04-01T16:12:57", ExpiresAt: time.Date(2025, 4, 1, 16, 12, 57, 0, time.UTC),
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	return b
}

func docLink() *harbor.Link {
	raw, _ := os.ReadFile(filepath.Join("testdata", "link.json"))
	return &harbor.Link{
		ID: 210, Locker: docRef, Raw: raw[:len(raw)-1],
		LinkToken: "https://lockeropen.com/dropoff?token=eyJyZXF1ZXN0X2lkIjoxNn0.c2ln&env=sandbox",
	}
}

// does turns a method that returns a value into a row's call.
func does[T any](f func(context.Context, *harbor.Client, ...lockerline.CallOption) (T, error)) func(context.Context, *harbor.Client, ...lockerline.CallOption) (any, error) {
	return func(ctx context.Context, c *harbor.Client, opts ...lockerline.CallOption) (any, error) {
		return f(ctx, c, opts...)
	}
}

func TestOperations_HaveFixtureFaultAndExample(t *testing.T) {
	t.Parallel()
	examples := exampleNames(t)
	rows := map[string]operation{}
	for _, o := range operations() {
		assert.NotContains(t, rows, o.name, "twice")
		rows[o.name] = o
	}
	for _, op := range harbor.Operations() {
		o, ok := rows[op.Name]
		if !assert.True(t, ok, "%s has no row", op.Name) {
			continue
		}
		delete(rows, op.Name)
		assert.True(t, json.Valid(fixture(t, o.fixture)), op.Name)
		assert.NotNil(t, o.want, "%s has no result", op.Name)
		assert.NotNil(t, o.refused.is, "%s has no fault case", op.Name)
		assert.Contains(t, examples, o.example, "%s has no example", op.Name)
	}
	assert.Empty(t, rows, "rows of no operation")
}

func TestOperations_SendTheRequestAndReadTheAnswer(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t)
			m.answer(200, string(fixture(t, o.fixture)))
			var meta lockerline.CallMeta
			got, err := o.call(t.Context(), m.client(t), lockerline.Meta(&meta))
			require.NoError(t, err)
			assert.Equal(t, o.want, normal(got))
			require.Len(t, m.requests, 1)
			r := m.requests[0]
			assert.Equal(t, o.request, r.line)
			assert.Equal(t, "application/json", r.header.Get("Accept"))
			assert.Equal(t, "Bearer access-token", r.header.Get("Authorization"))
			assert.Regexp(t, `^lockerline-go/`, r.header.Get("User-Agent"))
			if o.body == "-" {
				assert.Empty(t, r.body)
				assert.Empty(t, r.header.Get("Content-Type"))
			} else {
				assert.Equal(t, o.body, r.body)
				assert.Equal(t, "application/json", r.header.Get("Content-Type"))
			}
			assert.Equal(t, o.name, meta.Operation)
			assert.Equal(t, 200, meta.StatusCode)
			assert.Equal(t, 1, meta.Attempts)
		})
	}
}

func TestOperations_TakeAny2xx(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		for _, status := range []int{200, 201, 202, 299} {
			m := newMock(t)
			m.answer(status, string(fixture(t, o.fixture)))
			got, err := o.call(t.Context(), m.client(t))
			require.NoError(t, err, "%s %d", o.name, status)
			assert.Equal(t, o.want, normal(got), "%s %d", o.name, status)
		}
	}
}

func TestOperations_RefusalIsAnError(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t)
			m.answer(o.refused.status, `{"detail":"`+o.refused.detail+`"}`)
			got, err := o.call(t.Context(), m.client(t))
			assert.Empty(t, got)
			require.ErrorIs(t, err, o.refused.is)
			e := requireAs[*lockerline.Error](t, err)
			assert.Equal(t, o.name, e.Op)
			assert.Equal(t, o.refused.status, e.StatusCode)
			assert.Equal(t, o.refused.detail, e.Detail)
			assert.Equal(t, 1, e.Attempts)
			assert.False(t, e.MaybeApplied, "refused is not applied")
			assert.Contains(t, e.Error(), o.name)
			assert.NotContains(t, e.Error(), o.refused.detail)
		})
	}
}

// normal makes a result comparable: what depends on the clock is cut off.
func normal(v any) any {
	switch v := v.(type) {
	case *oauth2.Token:
		return v.AccessToken
	case json.RawMessage:
		return string(v)
	}
	return v
}

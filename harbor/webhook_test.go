package harbor_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

const tokenUsed = `{"timestamp":"2025-04-01T13:12:57","event":"LOCKER_OPERATION","data":{
	"timestamp":"2025-04-01T16:12:57.521044+00:00","locker_id":959,"locker_status":"occupied",
	"tower_id":"0000000000000001","source":"LOCKER_TOKEN_USED","reservation_id":null,
	"open_locker_token_id":52,"keypad_code":"4711","client_info":"order 42",
	"locker_open_request_id":210,"locker_open_request_payload":{"parcel":7}}}`

func TestDecodeWebhook_TakesTheInnerTime(t *testing.T) {
	t.Parallel()
	e, err := harbor.DecodeWebhook([]byte(tokenUsed))
	require.NoError(t, err)
	assert.Equal(t, harbor.WebhookEventLockerOperation, e.Event)
	assert.Equal(t, harbor.WebhookSourceLockerTokenUsed, e.Source)
	assert.Equal(t, harbor.LockerRef{Tower: "0000000000000001", Locker: 959}, e.Locker)
	assert.Equal(t, harbor.LockerStatusOccupied, e.Status)
	assert.True(t, e.At.Equal(time.Date(2025, 4, 1, 16, 12, 57, 521044000, time.UTC)))
	assert.Nil(t, e.ReservationID)
	assert.Equal(t, int64(52), *e.TokenID)
	assert.Equal(t, int64(210), *e.RequestID)
	assert.JSONEq(t, `{"parcel":7}`, string(e.Payload))
}

func TestWebhookEvent_ResentHasTheSameIdentity(t *testing.T) {
	t.Parallel()
	a, err := harbor.DecodeWebhook([]byte(tokenUsed))
	require.NoError(t, err)
	var again map[string]any
	require.NoError(t, json.Unmarshal([]byte(tokenUsed), &again))
	again["timestamp"] = "2025-04-01T13:13:07" // sent ten seconds later
	raw, err := json.Marshal(again)
	require.NoError(t, err)
	b, err := harbor.DecodeWebhook(raw)
	require.NoError(t, err)
	assert.Equal(t, a.Identity(), b.Identity())
	again["data"].(map[string]any)["locker_status"] = "available"
	raw, err = json.Marshal(again)
	require.NoError(t, err)
	c, err := harbor.DecodeWebhook(raw)
	require.NoError(t, err)
	assert.NotEqual(t, a.Identity(), c.Identity())
	assert.Equal(t, a.Group(), c.Group())
}

func TestDecodeWebhook_UnknownEventIsAValue(t *testing.T) {
	t.Parallel()
	e, err := harbor.DecodeWebhook([]byte(`{"event":"LOCKER_PAINTED","data":{"lockerId":"959","towerId":"00000000000000AB","locker_status":"Green"},"new":1}`))
	require.NoError(t, err)
	assert.False(t, e.Event.Known())
	assert.False(t, e.Source.Known())
	assert.Equal(t, harbor.LockerStatus("Green"), e.Status)
	assert.Equal(t, harbor.TowerID("00000000000000ab"), e.Locker.Tower)
}

func TestDecodeWebhook_EmptyIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		``, `null`, `[]`, `{}`, `<html>SECRET`, `{"event":"SECRET"}`, `{"data":{"locker_id":1,"tower_id":"0000000000000001"}}`,
		`{"event":"SECRET","data":{"locker_id":0,"tower_id":"0000000000000001"}}`, `{"event":"SECRET","data":{"locker_id":1,"tower_id":"SECRET"}}`,
	} {
		_, err := harbor.DecodeWebhook([]byte(raw))
		require.Error(t, err, raw)
		assert.NotContains(t, err.Error(), "SECRET")
	}
}

func TestWebhookEvent_KeypadCodeIsNotPrinted(t *testing.T) {
	t.Parallel()
	e, err := harbor.DecodeWebhook([]byte(tokenUsed))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, e), "4711")
	}
	assert.NotContains(t, e.LogValue().String(), "4711")
}

func TestDecodeWebhook_ReadsThoseOfTheSimulator(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []harbor.WebhookEvent
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		e, err := harbor.DecodeWebhook(raw)
		assert.NoError(t, err)
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, e)
	}))
	t.Cleanup(receiver.Close)
	srv := harbortest.NewServer(t, harbortest.WithWebhookURL(receiver.URL))
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })

	ref := harbor.LockerRef{Tower: "0100000000000175", Locker: 950}
	token, err := c.Lockers.DropoffToken(t.Context(), ref, harbor.TokenRequest{Duration: time.Minute, ClientInfo: "order 42"})
	require.NoError(t, err)
	tower, err := c.Token(t.Context(), harbor.ScopeTowerAccess)
	require.NoError(t, err)
	phone := srv.Phone(tower.AccessToken)
	require.NoError(t, phone.Connect(ref.Tower))
	_, err = phone.Use(token.Payload, token.PayloadAuth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	require.Len(t, srv.Webhooks(), 2)

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, seen, 2)
	assert.Equal(t, harbor.WebhookSourceLockerTokenCreated, seen[0].Source)
	assert.Equal(t, harbor.WebhookSourceLockerTokenUsed, seen[1].Source)
	assert.Equal(t, harbor.LockerStatusOccupied, seen[1].Status)
	for _, e := range seen {
		assert.Equal(t, ref, e.Locker)
		assert.Equal(t, "order 42", e.ClientInfo)
		assert.True(t, e.Event.Known())
	}
}

func FuzzDecodeWebhook(f *testing.F) {
	f.Add([]byte(tokenUsed))
	f.Add([]byte(`{"event":"E","data":{"locker_id":"1","tower_id":"0000000000000001","timestamp":1}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := harbor.DecodeWebhook(raw)
		if err != nil {
			return
		}
		if e.Event == "" || !e.Locker.Tower.Valid() || e.Locker.Locker <= 0 {
			t.Fatalf("accepted without a locker or an event: %v", e)
		}
		_, _ = e.Identity(), e.Group()
	})
}

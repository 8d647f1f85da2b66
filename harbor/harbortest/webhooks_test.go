package harbortest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// receiver keeps what was sent to it.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	auth   []string
}

func receive(t *testing.T, code int) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		r.auth = append(r.auth, req.Method+" "+req.Header.Get("Authorization")+" "+req.Header.Get("Content-Type"))
		w.WriteHeader(code)
	}))
	t.Cleanup(r.Close)
	return r
}

func TestWebhooks_OfALinkAreAsDocumented(t *testing.T) {
	t.Parallel()
	r := receive(t, 204)
	p := start(t, harbortest.WithWebhookURL(r.URL), harbortest.WithWebhookHeader("Authorization", "Bearer x"))
	m := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1,"clientInfo":"order 42","payload":{"a":1}}`).object(t)
	_, err := p.srv.OpenLink(m["linkToken"].(string))
	require.NoError(t, err)

	ref := harbor.LockerRef{Tower: tower, Locker: 948}
	assert.Equal(t, []harbortest.Webhook{
		{Event: "LOCKER_ASSIGNED", Source: "LOCKER_OPEN_LINK_CREATED", Locker: ref, Status: "rented", StatusCode: 204},
		{Event: "LOCKER_OPERATION", Source: "LOCKER_TOKEN_CREATED", Locker: ref, Status: "rented", StatusCode: 204},
		{Event: "LOCKER_OPERATION", Source: "LOCKER_TOKEN_USED", Locker: ref, Status: "occupied", StatusCode: 204},
	}, p.srv.Webhooks())
	id := m["id"].(json.Number).String()
	require.Len(t, r.bodies, 3)
	assert.Equal(t, "POST Bearer x application/json", r.auth[0])
	assert.JSONEq(t, `{"timestamp":"2026-03-02T05:00:00","event":"LOCKER_ASSIGNED","data":{
		"timestamp":"2026-03-02T08:00:00.000000+00:00","locker_id":948,"locker_status":"rented","tower_id":"0100000000000175",
		"source":"LOCKER_OPEN_LINK_CREATED","reservation_id":null,"open_locker_token_id":null,"keypad_code":null,
		"client_info":"order 42","locker_open_request_id":`+id+`,"locker_open_request_payload":{"a":1}}}`, r.bodies[0])
	data := func(i int) map[string]any {
		var body struct{ Data map[string]any }
		require.NoError(t, json.Unmarshal([]byte(r.bodies[i]), &body))
		require.Len(t, body.Data, 11)
		return body.Data
	}
	assert.Nil(t, data(1)["locker_open_request_id"], "not known when the token is made")
	assert.NotNil(t, data(1)["open_locker_token_id"])
	assert.Equal(t, data(1)["open_locker_token_id"], data(2)["open_locker_token_id"])
	assert.NotNil(t, data(2)["locker_open_request_id"])
}

func TestWebhooks_OfTokensNameTheirReservation(t *testing.T) {
	t.Parallel()
	r := receive(t, 500)
	p := start(t, harbortest.WithWebhookURL(r.URL))
	id := p.post(lockerPath(free, "reservations"), reserve300).object(t)["id"].(json.Number).String()
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	sent := p.srv.Webhooks()
	require.Len(t, sent, 2, "sent once, whatever the receiver says")
	assert.Equal(t, 500, sent[0].StatusCode)
	for _, body := range r.bodies {
		assert.Contains(t, body, `"reservation_id":`+id)
		assert.Contains(t, body, `"client_info":"order 42"`)
	}
}

func TestWebhooks_AreForTheFirstProviderOnly(t *testing.T) {
	t.Parallel()
	r := receive(t, 200)
	p := start(t, harbortest.WithWebhookURL(r.URL))
	rival := p.as(harbortest.NeighbourClientID)
	require.Equal(t, 200, rival.post(lockerPath(free, "dropoff-locker-tokens"), reserve300).code)
	assert.Empty(t, p.srv.Webhooks())
}

func TestWebhooks_LostReceiverDelaysNothing(t *testing.T) {
	t.Parallel()
	r := receive(t, 200)
	r.Close()
	p := start(t, harbortest.WithWebhookURL(r.URL))
	p.key(freeRef, "dropoff")
	sent := p.srv.Webhooks()
	require.Len(t, sent, 1)
	assert.Zero(t, sent[0].StatusCode)
}

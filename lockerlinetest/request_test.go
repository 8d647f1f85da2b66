package lockerlinetest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestRequests_SayWhatWasSentWithoutCredentials(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := startShop(t, func(service *lockerlinetest.Service) { service.Clock = lockerlinetest.NewManualClock(start) })
	s.get(t, "/parcels/7%2F8?full=yes")
	s.Advance(time.Minute)
	form := url.Values{"client_id": {"me"}, "client_secret": {"hush"}, "password": {"hush"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	got := s.Requests()
	require.Len(t, got, 2)
	assert.Equal(t, "[REDACTED]", got[0].Header.Get("Authorization"))
	got[0].Header = nil
	assert.Equal(t, lockerlinetest.Request{
		Op: "parcels.get", Method: "GET", Path: "/parcels/7%2F8", Template: "/parcels/{parcel}",
		Query: url.Values{"full": {"yes"}}, Body: []byte{}, Status: 200, At: start,
	}, got[0])
	assert.Equal(t, "client_id=me&client_secret=%5BREDACTED%5D&password=%5BREDACTED%5D", string(got[1].Body))
	assert.Empty(t, got[1].Op)
	assert.Equal(t, start.Add(time.Minute), got[1].At)
	s.ResetRequests()
	assert.Empty(t, s.Requests())
}

func TestRequests_OfManyTheOldestAreForgotten(t *testing.T) {
	t.Parallel()
	s := newShop()
	defer s.Close()
	for range 10_001 {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/parcels", http.NoBody)
		require.NoError(t, err)
		_, err = lockerlinetest.InProcess(s).RoundTrip(r)
		require.NoError(t, err)
	}
	s.get(t, "/parcels/last")
	kept := s.Requests()
	assert.Len(t, kept, 5002)
	assert.True(t, strings.HasSuffix(kept[len(kept)-1].Path, "/last"))
	assert.Len(t, s.Requests("parcels.get"), 1)
}

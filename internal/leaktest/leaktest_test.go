package leaktest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

func TestCheck_NamesLeakedGoroutines(t *testing.T) {
	before, release := Snapshot(), make(chan struct{})
	go stray(release)
	err := before.Check(20 * time.Millisecond)
	require.Error(t, err)
	assert.ErrorContains(t, err, "1 goroutines are left")
	assert.ErrorContains(t, err, "leaktest.stray")
	close(release)
	assert.NoError(t, before.Check(patience))
}

func stray(release chan struct{}) { <-release }

func TestCheck_WaitsForEndingGoroutines(t *testing.T) {
	before := Snapshot()
	go func() { <-time.After(100 * time.Millisecond) }()
	assert.NoError(t, before.Check(patience))
}

func TestCheck_ClosesIdleConnectionsOfTheDefaultClient(t *testing.T) {
	before := Snapshot()
	srv := httptest.NewServer(http.NotFoundHandler())
	resp, err := http.Get(srv.URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	srv.Close()
	assert.NoError(t, before.Check(patience))
}

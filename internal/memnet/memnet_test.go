package memnet

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

func TestServe_HTTPRunsOnVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		base, l := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, "at last")
		}))
		started := time.Now()
		for range 2 {
			resp, err := (&http.Client{Transport: base}).Get("http://anywhere")
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, "at last", string(body))
		}
		assert.Equal(t, 2*time.Hour, time.Since(started))
		assert.Equal(t, 1, l.Dialed(), "connections are kept as on any network")
	})
}

func TestListener_RefusesOnceClosed(t *testing.T) {
	t.Parallel()
	l := Listen()
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	_, err := l.Dial(t.Context(), "tcp", "anywhere:80")
	require.ErrorContains(t, err, "refused")
	_, err = l.Accept()
	assert.Error(t, err)
}

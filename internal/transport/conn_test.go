package transport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDo_ErrorAnswersCostNoConnection(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 100, 64 << 10, maxRefusal} {
		g := onLoopback(t, func(w http.ResponseWriter, _ *http.Request, n int) {
			if n <= 3 {
				answer(w, 502, strings.Repeat("x", size))
				return
			}
			answer(w, 200, `{}`)
		})
		res, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 4, res.Attempts)
		assert.Equal(t, 1, g.conns(), "%d bytes", size)
	}
}

func TestAuthorizer_RefusedCredentialCostsNoConnection(t *testing.T) {
	t.Parallel()
	g := onLoopback(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		answer(w, map[int]int{1: 401, 2: 200}[n], strings.Repeat("x", maxRefusal))
	}, withAuth(new(keys)))
	_, err := g.Do(t.Context(), read())
	require.NoError(t, err)
	assert.Equal(t, 2, g.hits())
	assert.Equal(t, 1, g.conns())
}

func TestDo_ChunkedAnswersReuseTheConnection(t *testing.T) {
	t.Parallel()
	g := onLoopback(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		_, _ = w.Write(oneLocker)
	})
	for range 10 {
		in := read()
		in.Out = new(locker)
		_, err := g.Do(t.Context(), in)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, g.conns())
}

func TestDo_UnreadableAnswersReuseTheConnection(t *testing.T) {
	t.Parallel()
	bodies := []string{"", "null", html, `{"id":`, strings.Repeat("[", 5000)}
	g := onLoopback(t, func(w http.ResponseWriter, _ *http.Request, n int) { answer(w, 200, bodies[n-1]) })
	for range bodies {
		in := read()
		in.Out = new(locker)
		g.call(t, in)
	}
	assert.Equal(t, 1, g.conns())
}

// The retry loop closes idle connections after every call that failed or was cancelled.
// The pool belongs to the caller, and to everybody else who shares it.
func TestDo_FailedCallLeavesTheCallersPoolAlone(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	other := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	other.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	other.Start()
	g := onLoopback(t, cut)
	defer other.Close()
	visit := func() {
		resp, err := (&http.Client{Transport: g.base}).Get(other.URL)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
	}
	visit()
	g.call(t, read())
	g.call(t, write())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.Do(ctx, read())
	require.ErrorIs(t, err, context.Canceled)
	visit()
	assert.EqualValues(t, 1, conns.Load())
}

// Each caller needs a connection of its own, and no more than that once all have one. The
// first round is answered when all 32 have come, or a slow handshake would decide how many
// are dialled in vain while another connection becomes free.
func TestNewBase_ManyCallersShareFewConnections(t *testing.T) {
	t.Parallel()
	const callers = 32
	var conns, arrived atomic.Int32
	all := make(chan struct{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == callers {
			close(all)
		}
		<-all
		assert.Equal(t, "HTTP/1.1", r.Proto)
		_, _ = w.Write(oneLocker)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.StartTLS()
	defer srv.Close()
	base := NewBase()
	base.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	base.ForceAttemptHTTP2 = false
	defer base.CloseIdleConnections()
	c := newTestClient(t, srv.URL, base, nil)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range 20 {
				in := read()
				in.Out = new(locker)
				_, err := c.Do(t.Context(), in)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 20*callers, arrived.Load())
	assert.LessOrEqual(t, conns.Load(), int32(callers))
}

func TestNewBase_HTTP2IsUsedWhereTheServerOffersIt(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `{"proto":"`+r.Proto+`"}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	base := NewBase()
	base.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig
	defer base.CloseIdleConnections()
	var out struct{ Proto string }
	in := read()
	in.Out = &out
	_, err := newTestClient(t, srv.URL, base, nil).Do(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, "HTTP/2.0", out.Proto)
}

func TestNewBase_KeepsWhatTheDefaultOffers(t *testing.T) {
	t.Parallel()
	base := NewBase()
	assert.Equal(t, connsPerHost, base.MaxIdleConnsPerHost)
	assert.GreaterOrEqual(t, base.MaxIdleConns, connsPerHost)
	assert.NotNil(t, base.Proxy)
	assert.NotZero(t, base.TLSHandshakeTimeout)
	assert.NotZero(t, base.IdleConnTimeout)
	assert.NotSame(t, http.DefaultTransport, base)
}

package main

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// asProgram has the test's own binary be the program.
const asProgram = "BACKEND_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestRun_StopsWellOnSIGTERM(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0")
	cmd.Env = []string{asProgram + "=1"}
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var url, token string
	lines := bufio.NewScanner(stderr)
	for url == "" && lines.Scan() {
		if _, after, ok := strings.Cut(lines.Text(), envAppToken+" for this run: "); ok {
			token = after
		}
		_, url, _ = strings.Cut(lines.Text(), "listening on ")
	}
	require.NotEmpty(t, url)
	require.Len(t, token, 26, "made up and printed")

	r := &rig{t: t, url: url}
	status, d := r.send("POST", "/v1/deliveries", `{"reference":"order-1","location":329}`, "Authorization", "Bearer "+token, "Content-Type", "application/json")
	require.Equal(t, http.StatusCreated, status, d)
	page, err := http.DefaultTransport.RoundTrip(mustRequest(t, "GET", url+"/_wall/stream"))
	require.NoError(t, err)
	defer page.Body.Close() // a live page does not hold the end up

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	var last string
	for lines.Scan() {
		last = lines.Text()
	}
	assert.Equal(t, "stopped; everything that was acknowledged is handled", last)
	assert.NoError(t, cmd.Wait(), "the exit status is 0")
}

func mustRequest(t *testing.T, method, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	return r
}

func TestDrain_FinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	r.b.world.harbor.Fail("lockers.reserve", lockerlinetest.Latency(400*time.Millisecond))
	type result struct {
		status int
		d      answer
	}
	under := make(chan result, 1)
	go func() {
		status, d := r.ask("POST", "/v1/deliveries", `{"reference":"late","location":329}`)
		under <- result{status, d}
	}()
	r.until(func() bool {
		d, err := r.b.manager.Get(t.Context(), "late")
		return err == nil && d.Claimed
	})
	r.end()
	r.until(func() bool { return r.b.draining.Load() })
	got := <-under
	assert.Equal(t, http.StatusCreated, got.status, got.d)
	assert.NoError(t, <-r.over)
	_, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	assert.Error(t, err, "nothing more is accepted")
}

func TestDrain_HandlesWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	r.b.changes.mu.Lock() // the first is being handled, the others of its group wait
	for _, at := range []string{"10", "11", "12"} {
		r.callback("r-1", "STOCKED", "2026-01-02T"+at+":00:00Z", http.StatusOK)
	}
	r.end()
	r.until(func() bool { return r.b.draining.Load() })
	r.until(func() bool { // the requests are over
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	<-time.After(50 * time.Millisecond)
	r.b.changes.mu.Unlock()
	require.NoError(t, <-r.over)
	stats, err := r.b.box.Stats(t.Context(), "")
	require.NoError(t, err)
	assert.Zero(t, stats.Depth)
	known, _ := r.b.changes.get("r-1")
	assert.Equal(t, 12, known.ChangedAt.Hour())
}

func TestDrain_IsNotReadyMeanwhile(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	r.b.draining.Store(true)
	status, a := r.send("GET", "/readyz", "")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Equal(t, "draining", a["status"])
	status, _ = r.send("GET", "/healthz", "")
	assert.Equal(t, http.StatusOK, status, "it is alive")
}

func TestServe_HasALimitForEverything(t *testing.T) {
	t.Parallel()
	srv := start(t, noEnv).b.server()
	for name, d := range map[string]time.Duration{
		"header": srv.ReadHeaderTimeout, "read": srv.ReadTimeout, "write": srv.WriteTimeout, "idle": srv.IdleTimeout,
	} {
		assert.Positive(t, d, name)
	}
	assert.Greater(t, srv.WriteTimeout, callLimit, "an answer that took its time is still written")
	assert.LessOrEqual(t, srv.MaxHeaderBytes, 64<<10)
}

func TestServe_LivePageOutlivesTheLimitOfOtherRequests(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	srv := r.b.server()
	srv.ReadTimeout, srv.WriteTimeout = 150*time.Millisecond, 150*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })

	resp, err := http.DefaultTransport.RoundTrip(mustRequest(t, "GET", "http://"+listener.Addr().String()+"/_wall/stream"))
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	next := func(event string) bool {
		for lines.Scan() {
			if lines.Text() == "event: "+event {
				return true
			}
		}
		return false
	}
	require.True(t, next("snapshot"))
	<-time.After(400 * time.Millisecond) // longer than both limits
	ref := r.order("order-1").locker()
	r.b.show(ref)
	assert.True(t, next("change"), "the stream goes on")
}

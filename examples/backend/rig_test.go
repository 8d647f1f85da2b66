package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

const appToken = "a-token-of-the-app-for-tests"

// noEnv is an environment in which everything is embedded.
func noEnv(name string) string {
	return map[string]string{envAppToken: appToken, "CALLBACK_X_TOKEN": "callback-secret"}[name]
}

// rig is a backend that runs.
type rig struct {
	t    *testing.T
	b    *backend
	url  string
	log  *safeBuffer
	end  context.CancelFunc
	over chan error // what serve returned
}

// start runs a backend until the test ends, and demands that it ends well.
func start(t *testing.T, getenv func(string) string, args ...string) *rig {
	t.Helper()
	cfg, _, err := parse(append([]string{"-look", "1h"}, args...), getenv)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &rig{t: t, url: "http://" + listener.Addr().String(), log: new(safeBuffer), over: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	r.end = cancel
	r.b, err = newBackend(ctx, cfg, listener, r.log)
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.over <- r.b.serve(ctx, listener)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		r.b.close()
		select {
		case err := <-r.over:
			require.NoError(t, err, "serve")
		default: // the test has looked itself
		}
	})
	r.until(func() bool { status, _ := r.ask("GET", "/readyz", ""); return status == 200 })
	return r
}

// answer is a JSON object.
type answer map[string]any

// code is that of an error.
func (a answer) code() string {
	e, _ := a["error"].(map[string]any)
	code, _ := e["code"].(string)
	return code
}

// locker is the door of a delivery.
func (a answer) locker() harbor.LockerRef {
	l, _ := a["locker"].(map[string]any)
	tower, _ := l["tower"].(string)
	id, _ := l["locker"].(float64)
	return harbor.LockerRef{Tower: harbor.TowerID(tower), Locker: harbor.LockerID(id)}
}

// ask makes a request of the app.
func (r *rig) ask(method, path, body string) (int, answer) {
	r.t.Helper()
	return r.send(method, path, body, "Authorization", "Bearer "+appToken, "Content-Type", "application/json")
}

// send makes any request, with pairs of headers.
func (r *rig) send(method, path, body string, headers ...string) (int, answer) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(r.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(r.t, err)
	var a answer
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		require.NoError(r.t, json.Unmarshal(raw, &a), "%s", raw)
	}
	return resp.StatusCode, a
}

// order starts a delivery that must come about.
func (r *rig) order(reference string) answer {
	r.t.Helper()
	status, d := r.ask("POST", "/v1/deliveries", `{"reference":"`+reference+`","location":329,"types":["small","medium"]}`)
	require.Equal(r.t, http.StatusCreated, status, d)
	return d
}

// phase waits until a delivery is in a phase.
func (r *rig) phase(reference, phase string) answer {
	r.t.Helper()
	var d answer
	r.until(func() bool { _, d = r.ask("GET", "/v1/deliveries/"+reference, ""); return d["phase"] == phase })
	return d
}

// until waits for something to happen, and for less than the manager's own looks.
func (r *rig) until(happened func() bool) {
	r.t.Helper()
	require.Eventually(r.t, happened, 3*time.Second, 5*time.Millisecond)
}

// openDoor is a person with a phone at the tower.
func (r *rig) openDoor(door answer) {
	r.t.Helper()
	status, tower := r.ask("GET", "/v1/tower-token", "")
	require.Equal(r.t, http.StatusOK, status, tower)
	p := r.b.world.harbor.Phone(tower["access_token"].(string))
	require.NoError(r.t, p.Connect(harbor.TowerID(door["tower"].(string))))
	_, err := p.Use(door["payload"].(string), door["payload_auth"].(string))
	require.NoError(r.t, err)
	require.NoError(r.t, p.CloseDoor())
	p.Disconnect()
}

// safeBuffer is a log that may be read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

package foxtrottest

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Server is Foxtrot in memory. All methods are safe for concurrent use.
type Server struct {
	*lockerlinetest.Server
	// APIKey is the one valid key.
	APIKey string

	cfg config

	mu sync.Mutex // guards what follows
	world
}

// NewServer starts a server on a free loopback port. It ends with the test, which fails
// when the options contradict themselves.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	lockerlinetest.Start(t, s.Server)
	return s
}

// New returns a server that does not listen: its clients reach it without a network, also
// within testing/synctest. Listen makes it listen; it can be mounted elsewhere as an
// [http.Handler]. Close it when done.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{APIKey: cfg.apiKey, cfg: cfg}
	s.Server = lockerlinetest.New(lockerlinetest.Service{
		Name: "foxtrottest", Routes: routes(), Serve: s.serve, ErrorForm: errorForm, Clock: cfg.clock,
		Refine: refine, Latency: cfg.latency, MaxParallel: cfg.maxParallel,
	})
	s.world = newWorld()
	s.collected = s.now()
	if !cfg.empty {
		s.demo()
	}
	return s, nil
}

// Client returns a client of this server.
func (s *Server) Client(opts ...lockerline.Option) (*foxtrot.Client, error) {
	own := []lockerline.Option{lockerline.WithBaseURL(s.URL), lockerline.WithHTTPClient(s.HTTPClient())}
	return foxtrot.NewClient(s.APIKey, append(own, opts...)...)
}

// now is the time in whole milliseconds, as Foxtrot counts it.
func (s *Server) now() time.Time { return s.Now().Truncate(time.Millisecond) }

// routes are the client's operations. PUT is taken for PATCH, as it was seen.
func routes() lockerlinetest.Routes {
	var rs lockerlinetest.Routes
	for _, o := range foxtrot.Operations() {
		rs = append(rs, o)
		if o.Method == http.MethodPatch {
			o.Method = http.MethodPut
			rs = append(rs, o)
		}
	}
	return rs
}

// refine tells the operations apart that have one path.
func refine(c *lockerlinetest.Call) {
	var in struct {
		Enabled *bool `json:"enabled"`
	}
	if c.Op.Name == "webhooks.enable" && json.Unmarshal(c.Body, &in) == nil && in.Enabled != nil && !*in.Enabled {
		c.Op.Name = "webhooks.disable"
	}
}

// serve answers as Foxtrot itself does: the key comes before the path.
func (s *Server) serve(c *lockerlinetest.Call) lockerlinetest.Response {
	want, got := "Bearer "+s.APIKey, c.Request.Header.Get("Authorization")
	if subtle.ConstantTimeCompare([]byte(want), []byte(got)) != 1 {
		return fail(http.StatusUnauthorized, 0, "API key is invalid").render()
	}
	h, ok := handlers[c.Op.Name]
	if !ok {
		return fail(http.StatusNotFound, 0, "no such endpoint").render()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepTruckOnItsWay()
	return h(s, request{c, s.now()}).render()
}

// reply is an answer before it is encoded.
type reply struct {
	status int
	data   any
	bare   bool
	failed bool
}

func ok(key string, value any) reply {
	return reply{status: http.StatusOK, data: map[string]any{key: value}}
}

func fail(status int, code foxtrot.Code, message string) reply {
	data := map[string]any{"message": message}
	if code != 0 {
		data["code"] = code
	}
	return reply{status: status, data: data, failed: true}
}

func errorForm(status int) lockerlinetest.Response {
	return fail(status, 0, "made to fail").render()
}

const jsonType = "application/json"

func (r reply) render() lockerlinetest.Response {
	var v any = map[string]any{"status": "success", "data": r.data}
	switch {
	case r.failed:
		v = map[string]any{"status": "error", "data": r.data}
	case r.bare:
		v = r.data
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("foxtrottest: %v", err)) // of our own types
	}
	return lockerlinetest.Response{Status: r.status, Header: http.Header{"Content-Type": {jsonType}}, Body: body}
}

// Code answers a status and an envelope that has one of Foxtrot's codes. With status 200
// only the envelope says that the request failed.
func Code(status int, code foxtrot.Code) lockerlinetest.Fault {
	return lockerlinetest.Answer(status, jsonType, string(fail(status, code, "made to fail").render().Body))
}

// Pending answers 202 and an envelope that says pending.
func Pending() lockerlinetest.Fault {
	return lockerlinetest.Answer(http.StatusAccepted, jsonType, `{"status":"pending","data":{}}`)
}

package harbortest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// The default sites, as the tests use them.
const (
	tower   = "0100000000000175"
	site    = "329"
	free    = "950" // small and available
	taken   = "949" // occupied by the neighbour
	foreign = "952" // reserved by the neighbour
)

var (
	morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	freeRef = harbor.LockerRef{Tower: tower, Locker: 950}
)

// partner is a service provider with a plain HTTP client.
type partner struct {
	t      *testing.T
	srv    *harbortest.Server
	bearer string
}

// answer is a response with its body read.
type answer struct {
	code   int
	header http.Header
	body   string
	json   any
}

func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	m, isObject := a.json.(map[string]any)
	require.True(t, isObject, "%d %s", a.code, a.body)
	return m
}

func (a answer) array(t *testing.T) []any {
	t.Helper()
	s, isArray := a.json.([]any)
	require.True(t, isArray, "%d %s", a.code, a.body)
	return s
}

func (a answer) detail(t *testing.T) string {
	t.Helper()
	text, isText := a.object(t)["detail"].(string)
	require.True(t, isText, a.body)
	return text
}

// start runs a server with a clock that stands still, on loopback.
func start(t *testing.T, opts ...harbortest.Option) partner {
	t.Helper()
	srv := harbortest.NewServer(t, append([]harbortest.Option{harbortest.WithManualClock(morning)}, opts...)...)
	return partner{t, srv, srv.AccessToken("", harbor.ScopeServiceProvider)}
}

// as is another provider at the same server.
func (p partner) as(clientID string) partner {
	p.bearer = p.srv.AccessToken(clientID, harbor.ScopeServiceProvider)
	return p
}

func (p partner) get(path string) answer { return p.do(http.MethodGet, path, "") }

func (p partner) post(path, body string) answer { return p.do(http.MethodPost, path, body) }

func (p partner) do(method, path, body string) answer {
	p.t.Helper()
	a, err := p.try(method, path, body)
	require.NoError(p.t, err)
	return a
}

func (p partner) try(method, path, body string) (answer, error) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.srv.URL+path, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("Accept", "application/json")
	if p.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+p.bearer)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return p.send(req)
}

func (p partner) send(req *http.Request) (answer, error) {
	p.t.Helper()
	client := *p.srv.HTTPClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{code: res.StatusCode}, err
	}
	a := answer{code: res.StatusCode, header: res.Header, body: string(raw)}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	_ = dec.Decode(&a.json) // what is no JSON is looked at as text
	return a, nil
}

// token asks the token endpoint.
func (p partner) token(form url.Values, basic ...string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.srv.TokenURL(), strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(basic) == 2 {
		req.SetBasicAuth(basic[0], basic[1])
	}
	a, err := p.send(req)
	require.NoError(p.t, err)
	return a
}

// lockerPath is the path of an operation on one locker of the default tower.
func lockerPath(id, op string) string {
	return "/api/v1/towers/" + tower + "/lockers/" + id + "/" + op
}

func (p partner) status(ref harbor.LockerRef) harbor.LockerStatus {
	p.t.Helper()
	v, there := p.srv.Locker(ref)
	require.True(p.t, there)
	return v.Status
}

// key asks for a locker token.
func (p partner) key(ref harbor.LockerRef, kind string) (payload, auth string) {
	p.t.Helper()
	a := p.post("/api/v1/towers/"+string(ref.Tower)+"/lockers/"+ref.Locker.String()+"/"+kind+"-locker-tokens", `{"duration":300,"client_info":"order 42"}`)
	require.Equal(p.t, http.StatusOK, a.code, a.body)
	m := a.object(p.t)
	return m["payload"].(string), m["payload_auth"].(string)
}

// phone is connected to the default tower.
func (p partner) phone() *harbortest.Phone {
	p.t.Helper()
	ph := p.srv.Phone(p.srv.AccessToken("", harbor.ScopeTowerAccess))
	require.NoError(p.t, ph.Connect(tower))
	return ph
}

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childFlag makes this test binary be the program itself.
const childFlag = "LOCKERLINE_SIM_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childFlag) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// text is what a program says while it runs.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// child is the program in a process of its own.
type child struct {
	cmd    *exec.Cmd
	stderr *text
	here   ready
	ended  bool
}

func command(t *testing.T, args ...string) (*exec.Cmd, *text) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), childFlag+"=1")
	stderr := new(text)
	cmd.Stderr = stderr
	return cmd, stderr
}

// begin starts the program on free ports and waits until it is ready.
func begin(t *testing.T, args ...string) *child {
	t.Helper()
	cmd, stderr := command(t, append([]string{"-addr", "127.0.0.1:0", "-foxtrot-addr", "127.0.0.1:0", "-alzabox-addr", "127.0.0.1:0"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &child{cmd: cmd, stderr: stderr}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(stderr.String())
		}
		if !c.ended {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, stderr.String())
	require.NoError(t, json.Unmarshal([]byte(line), &c.here), line)
	return c
}

// end asks the program to end and waits until it has.
func (c *child) end(t *testing.T) error {
	t.Helper()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	done := make(chan error, 1)
	go func() { done <- c.cmd.Wait() }()
	select {
	case err := <-done:
		c.ended = true
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the program does not end")
		return nil
	}
}

// answered is an answer of the program.
type answered struct {
	code int
	body string
}

func (a answered) into(t *testing.T, out any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), out), a.body)
}

func (c *child) do(t *testing.T, method, address, token, body string) answered {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = c.here.APIURL + address
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answered{res.StatusCode, string(b)}
}

func (c *child) post(t *testing.T, path, token, body string) answered {
	t.Helper()
	return c.do(t, http.MethodPost, path, token, body)
}

func (c *child) get(t *testing.T, path, token string) answered {
	t.Helper()
	return c.do(t, http.MethodGet, path, token, "")
}

// token asks for an access token as curl would.
func (c *child) token(t *testing.T, scope string) string {
	t.Helper()
	res, err := http.PostForm(c.here.TokenURL, url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope},
		"client_id": {c.here.ClientID}, "client_secret": {c.here.ClientSecret},
	})
	require.NoError(t, err)
	defer res.Body.Close()
	var out struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&out))
	require.NotEmpty(t, out.AccessToken)
	return out.AccessToken
}

// free is a locker of the default towers that is nobody's.
const (
	freeTower = "0100000000000175"
	freePath  = "/api/v1/towers/" + freeTower + "/lockers/948"
)

// status is what Harbor knows of the free locker.
func (c *child) status(t *testing.T) string {
	t.Helper()
	var out stateJSON
	c.get(t, "/_sim/state", "").into(t, &out)
	for _, tower := range out.Towers {
		for _, l := range tower.Lockers {
			if tower.ID == freeTower && l.ID == 948 {
				return string(l.Status)
			}
		}
	}
	t.Fatal("the locker is gone")
	return ""
}

// doorToken asks for a locker token and returns it as the phone is given it.
func (c *child) doorToken(t *testing.T, kind, token string) string {
	t.Helper()
	a := c.post(t, freePath+"/"+kind+"-locker-tokens", token, `{"duration":300}`)
	require.Equal(t, http.StatusOK, a.code, a.body)
	var out struct {
		Payload     string `json:"payload"`
		PayloadAuth string `json:"payload_auth"`
	}
	a.into(t, &out)
	b, err := json.Marshal(out)
	require.NoError(t, err)
	return string(b)
}

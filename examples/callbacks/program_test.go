package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/internal/pgtest"
)

const asProgram = "CALLBACKS_TEST_AS_PROGRAM"

// TestMain is the program itself when a test starts it so.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// The secrets that the tests' programs are given.
const (
	testUser     = "partner"
	testPassword = "pass:word-3141"
	testBasic    = "CALLBACK_BASIC=" + testUser + ":" + testPassword
)

// command is the program with nothing of this machine's environment that it reads.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for _, name := range variables() {
		cmd.Env = append(cmd.Env, name+"=")
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// program is a running receiver. Its standard output is a file, which survives it.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stdout string
	stderr *lines
	exited chan struct{}
}

// start runs the receiver until it listens. It ends with the test at the latest.
func start(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	defer out.Close()
	return startInto(t, out, env, args...)
}

// startInto is start with an output of one's own.
func startInto(t *testing.T, out *os.File, env []string, args ...string) *program {
	t.Helper()
	p := &program{
		t: t, stdout: out.Name(), stderr: newLines(), exited: make(chan struct{}),
		cmd: command(t, env, append([]string{"-addr", "127.0.0.1:0"}, args...)...),
	}
	p.cmd.Stdout, p.cmd.Stderr = out, p.stderr
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
	})
	select {
	case p.url = <-p.stderr.listening:
	case <-p.exited:
		t.Fatalf("the program ended: %s", p.stderr)
	case <-time.After(time.Minute):
		t.Fatalf("the program does not listen: %s", p.stderr)
	}
	return p
}

// stop sends the signal and returns the exit code.
func (p *program) stop(signal os.Signal) int {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(signal))
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		p.t.Fatalf("the program does not end: %s", p.stderr)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) printed() string {
	text, err := os.ReadFile(p.stdout)
	require.NoError(p.t, err)
	return string(text)
}

// whole is what was printed, without a line that is not at its end yet.
func (p *program) whole() string {
	text := p.printed()
	return text[:strings.LastIndexByte(text, '\n')+1]
}

// post sends one body with the tests' basic credential.
func (p *program) post(path, body string) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+path, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(testUser, testPassword)
	res, err := http.DefaultClient.Do(req)
	require.NoError(p.t, err)
	require.NoError(p.t, res.Body.Close())
	return res.StatusCode
}

// sender sends to the program on several connections.
func (p *program) sender(opts ...callbackstest.Option) *callbackstest.Sender {
	p.t.Helper()
	opts = append([]callbackstest.Option{
		callbackstest.WithBasic(testUser, testPassword), callbackstest.WithConnections(8),
		callbackstest.WithSchedule(patience...),
	}, opts...)
	s, err := callbackstest.NewSender(p.url+"/callbacks", opts...)
	require.NoError(p.t, err)
	return s
}

// lines is a standard error that is read while it is written.
type lines struct {
	mu        sync.Mutex
	text      bytes.Buffer
	listening chan string
}

func newLines() *lines { return &lines{listening: make(chan string, 1)} }

var listeningLine = regexp.MustCompile(`(?m)^listening on (http://127\.0\.0\.1:[1-9]\d*)\n`)

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := listeningLine.Match(l.text.Bytes())
	l.text.Write(b)
	if found := listeningLine.FindSubmatch(l.text.Bytes()); found != nil && !before {
		l.listening <- string(found[1])
	}
	return len(b), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// databases are the flags of each kind of database, fresh for each call.
var databases = []struct {
	name string
	args func(t *testing.T) []string
}{
	{"SQLite", func(t *testing.T) []string { return []string{"-db", filepath.Join(t.TempDir(), "a file?.db")} }},
	{"PostgreSQL", func(t *testing.T) []string { return []string{"-dsn", freshDatabase(t)} }},
}

// freshDatabase makes a database of its own on the tests' server.
func freshDatabase(t *testing.T) string {
	t.Helper()
	db, err := sql.Open("pgx", pgtest.DSN(t))
	require.NoError(t, err)
	defer db.Close()
	name := fmt.Sprintf("test_%d", time.Now().UnixNano())
	_, err = db.ExecContext(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	return strings.Replace(pgtest.DSN(t), "/postgres?", "/"+name+"?", 1)
}

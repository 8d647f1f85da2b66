package inboxtests

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// childEnv makes this test binary a receiver, to be killed: driver, DSN, table, and
// whether to acknowledge too early.
const childEnv = "LOCKERLINE_INBOX_CHILD"

// startReceiver runs a receiver in a process of its own, which ends when it is killed or
// with the test.
func startReceiver(t *testing.T, d database) (url string, kill func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{d.driver, d.dsn, d.table, strconv.FormatBool(d.early)}, "|"))
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe() // its end tells the child that we are gone
	require.NoError(t, err)
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = child.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "the receiver did not start")
	return strings.TrimSpace(line), func() { _ = child.Process.Kill() }
}

// receive serves and handles until it is killed, or its standard input ends.
func receive(args string) error {
	parts := strings.Split(args, "|")
	d := database{driver: parts[0], dsn: parts[1], table: parts[2]}
	db, err := sql.Open(d.driver, d.dsn)
	if err != nil {
		return err
	}
	ctx := context.Background()
	box, err := inbox.Open(ctx, db, d.dialect(), inbox.WithTable(d.table))
	if err != nil {
		return err
	}
	sink, err := inbox.NewSink(box, testFeed)
	if err != nil {
		return err
	}
	if parts[3] == "true" {
		sink = early{sink}
	}
	srv := httptest.NewServer(receiver(sink))
	fmt.Println(srv.URL)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return d.handleUntil(ctx, box, db, func(context.Context) bool { return false })
}

// early is a sink that acknowledges first and stores a moment later.
type early struct{ sink callbacks.Sink[testChange] }

func (e early) Accept(ctx context.Context, d callbacks.Received[testChange]) (callbacks.Outcome, error) {
	time.AfterFunc(20*time.Millisecond, func() { _, _ = e.sink.Accept(context.WithoutCancel(ctx), d) })
	return callbacks.OutcomeStored, nil
}

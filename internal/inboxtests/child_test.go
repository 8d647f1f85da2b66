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
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// childEnv makes this test binary a receiver, to be killed: driver, DSN and table.
const childEnv = "LOCKERLINE_INBOX_CHILD"

// startReceiver runs a receiver in a process of its own, which ends when it is killed or
// with the test.
func startReceiver(t *testing.T, d database) (url string, kill func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{d.driver, d.dsn, d.table}, "|"))
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
	srv := httptest.NewServer(receiver(inbox.Sink(box, testFeed)))
	fmt.Println(srv.URL)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return d.handleUntil(ctx, box, db, func(context.Context) bool { return false })
}

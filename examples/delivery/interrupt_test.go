package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// asProgram makes the test binary be the program.
const asProgram = "LOCKERLINE_DELIVERY_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// As by "| head": a program that is not prepared for it dies of the next line it prints.
func TestRun_ReaderThatGoesAwayLeavesNoLockerBehind(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	srv.Fail("lockers.reserve", lockerlinetest.Latency(200*time.Millisecond)) // time for the reader to go
	program := exec.CommandContext(t.Context(), os.Args[0], "-json", "-poll", "20ms", "-timeout", "20s")
	program.Env = append(os.Environ(), asProgram+"=1")
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), `"choose"`); {
	}
	require.NoError(t, out.Close())
	require.Error(t, program.Wait())
	require.Len(t, srv.Requests("lockers.reserve"), 1)
	for _, l := range srv.Snapshot() {
		held := l.Owner == srv.Credentials().ClientID && l.Status != harbor.LockerStatusReleased
		assert.False(t, held, "%s is %s", l.Ref, l.Status)
	}
}

func TestGiveBack_RentedLockerIsReleased(t *testing.T) {
	srv := harbortest.NewServer(t)
	pointAt(t, srv)
	require.Error(t, run(t.Context(), []string{"-json", "-poll", "20ms", "-timeout", "50ms"}, io.Discard, io.Discard))
	assert.Empty(t, srv.Requests("lockers.cancel_reservation"), "it is not reserved any more")
	assert.Len(t, srv.Requests("lockers.release"), 1)
}

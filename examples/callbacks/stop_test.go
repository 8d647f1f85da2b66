package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// identities are the changes that were acknowledged.
func identities(t *testing.T, report callbackstest.SendReport) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, r := range report.Results {
		if !r.Acknowledged {
			continue
		}
		c, err := callbacks.Decode(r.Message.Body)
		require.NoError(t, err)
		all[c.ReservationID+"|"+string(c.Status)+"|"+c.ChangeTime.Format(time.RFC3339Nano)] = true
	}
	return all
}

func TestReceiver_KilledHandlesEverythingAcknowledgedOnce(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			args := append(d.args(t), "-json")
			messages := callbackstest.ReservationMessages(7, 400)
			acknowledged, printed := map[string]bool{}, ""
			for round := range 3 {
				p := start(t, []string{testBasic}, args...)
				sent := make(chan callbackstest.SendReport)
				go func() {
					// One try, so that the sender soon notices that nobody is there.
					report, _ := p.sender(callbackstest.WithSchedule(), callbackstest.WithSeed(uint64(round)),
						callbackstest.WithFaults(callbackstest.Faults{Reorder: 0.2, Duplicate: 0.1, Twice: 0.1})).Send(t.Context(), messages...)
					sent <- report
				}()
				require.Eventually(t, func() bool { return len(p.printed()) > 20_000*(round+1) }, time.Minute, time.Millisecond)
				require.NoError(t, p.cmd.Process.Kill())
				<-p.exited
				for id := range identities(t, <-sent) {
					acknowledged[id] = true
				}
				printed += p.whole()
			}
			p := start(t, []string{testBasic}, args...)
			require.Eventually(t, func() bool { return missing(acknowledged, objects(t, printed+p.whole())) == 0 },
				time.Minute, 50*time.Millisecond)
			assert.Zero(t, p.stop(syscall.SIGTERM), p.stderr)
			lines := objects(t, printed+p.printed())
			assert.Zero(t, missing(acknowledged, lines))
			once := map[string]int{}
			for _, o := range lines {
				// A process that was killed right after it had printed could not note it; its
				// successor says so.
				if o.DuplicateOf == 0 {
					once[o.identity()]++
				}
			}
			for id, n := range once {
				assert.Equal(t, 1, n, id)
			}
			assert.Greater(t, len(acknowledged), 100, "there was hardly any load")
			t.Logf("%d acknowledged, %d lines, %d of them marked as told before", len(acknowledged), len(lines), len(lines)-len(once))
		})
	}
}

func missing(want map[string]bool, lines []object) int {
	have := map[string]bool{}
	for _, o := range lines {
		have[o.identity()] = true
	}
	n := 0
	for id := range want {
		if !have[id] {
			n++
		}
	}
	return n
}

func TestDrain_SignalExitsWithZero(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		for _, d := range databases {
			t.Run(d.name+" "+signal.String(), func(t *testing.T) {
				t.Parallel()
				p := start(t, []string{testBasic}, append(d.args(t), "-json")...)
				sent := make(chan callbackstest.SendReport)
				go func() {
					report, _ := p.sender(callbackstest.WithSchedule()).Send(t.Context(), callbackstest.ReservationMessages(3, 300)...)
					sent <- report
				}()
				require.Eventually(t, func() bool { return len(p.printed()) > 10_000 }, time.Minute, time.Millisecond)
				assert.Zero(t, p.stop(signal), p.stderr)
				report := <-sent
				acknowledged, lines := identities(t, report), objects(t, p.printed())
				assert.Positive(t, report.Refused(), "the signal came in the middle")
				assert.Zero(t, missing(acknowledged, lines), "what was acknowledged is handled before the end")
				assert.Len(t, lines, len(acknowledged), "and nothing else is")
				assert.Contains(t, p.stderr.String(), "everything that was acknowledged is handled")
			})
		}
	}
}

func TestDrain_RequestUnderWayIsFinished(t *testing.T) {
	t.Parallel()
	p := start(t, []string{testBasic}, append(databases[0].args(t), "-json")...)
	body := string(callbackstest.ReservationMessages(3, 1)[0].Body)
	address := strings.TrimPrefix(p.url, "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	credential := base64.StdEncoding.EncodeToString([]byte(testUser + ":" + testPassword))
	fmt.Fprintf(conn, "POST /callbacks HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		credential, len(body))
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100", "the handler waits for the body")
	_, err = answers.ReadString('\n')
	require.NoError(t, err)

	ended := make(chan int)
	go func() { ended <- p.stop(syscall.SIGTERM) }()
	require.Eventually(t, func() bool {
		other, err := net.Dial("tcp", address)
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	}, time.Minute, 5*time.Millisecond, "it stops accepting")
	_, err = io.WriteString(conn, body)
	require.NoError(t, err)
	res, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Zero(t, <-ended, p.stderr)
	assert.Len(t, objects(t, p.printed()), 1)
}

// Package leaktest fails a test binary that leaves goroutines behind.
//
//	func TestMain(m *testing.M) { leaktest.Main(m) }
//
// It uses the standard library alone.
package leaktest

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long ending goroutines get. Closing a connection ends two of net/http's,
// a moment later.
const patience = 5 * time.Second

// Main runs the tests of a package and exits with a failure when goroutines are left that
// were not there before.
func Main(m *testing.M) {
	before := Snapshot()
	code := m.Run()
	if code == 0 {
		if err := before.Check(patience); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Goroutines are the stacks of goroutines at one moment, by number.
type Goroutines map[string]string

// Snapshot returns the goroutines that run now, without the caller's own and those of the
// runtime and the testing package.
func Snapshot() Goroutines {
	buf := make([]byte, 64<<10)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	found := Goroutines{}
	for i, stack := range strings.Split(string(buf), "\n\n") {
		id, _, ok := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		if i == 0 || !ok || harmless(stack) { // the first is the one that asks
			continue
		}
		found[id] = stack
	}
	return found
}

func harmless(stack string) bool {
	for _, fn := range [...]string{
		"os/signal.signal_recv", "os/signal.loop", "testing.runFuzzTests", "testing.runFuzzing",
		"testing.(*F).Fuzz", "internal/fuzz.", "runtime/trace.", "runtime.ensureSigM",
	} {
		if strings.Contains(stack, fn) {
			return true
		}
	}
	return false
}

// Check returns an error with the goroutines that run now and did not at the snapshot. It
// closes the idle connections of the default transport and waits up to patience for
// goroutines to end.
func (before Goroutines) Check(patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		http.DefaultClient.CloseIdleConnections()
		left := Snapshot()
		for id := range before {
			delete(left, id)
		}
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			stacks := make([]string, 0, len(left))
			for _, stack := range left {
				stacks = append(stacks, stack)
			}
			return fmt.Errorf("%d goroutines are left:\n\n%s", len(left), strings.Join(stacks, "\n\n"))
		}
		<-time.After(10 * time.Millisecond)
	}
}

package delivery_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// crowdVariable in the environment makes the test binary a simulator with so many lockers,
// in a process of its own, so that its memory is not counted.
const crowdVariable = "LOCKERLINE_TEST_CROWD"

// serveCrowd is that process: it ends with its standard input.
func serveCrowd(n int) {
	site, _ := crowdedSite(n)
	srv, err := harbortest.New(harbortest.WithLocations(site))
	if err == nil {
		err = srv.Listen("127.0.0.1:0")
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(srv.URL, srv.TokenURL(), srv.Credentials().ClientSecret)
	_, _ = io.Copy(io.Discard, os.Stdin)
	srv.Close()
}

func startCrowd(b *testing.B, n int) *crowd {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdVariable+"="+strconv.Itoa(n))
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(b, err)
	at := strings.Fields(line)
	client, err := harbor.NewClient(lockerline.Environment{APIURL: at[0], TokenURL: at[1]},
		harbor.Credentials{ClientID: harbortest.DefaultClientID, ClientSecret: at[2]})
	require.NoError(b, err)
	b.Cleanup(func() { _ = client.Close() })
	_, refs := crowdedSite(n)
	c := &crowd{client: client, store: delivery.NewMemoryStore(), refs: refs}
	c.fill(b)
	return c
}

// BenchmarkMemory is what a process with open deliveries takes from its machine while it
// runs at the usual interval: store, client and manager, comparing everything at the
// beginning and then looking each tick. MB_live is what is in use after a collection.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var peak, live float64
			for b.Loop() {
				c := startCrowd(b, n)
				_, stop := c.run(b)
				var s runtime.MemStats
				for began := time.Now(); time.Since(began) < 7*time.Second; time.Sleep(5 * time.Millisecond) {
					runtime.ReadMemStats(&s)
					peak = max(peak, float64(s.Sys-s.HeapReleased)/(1<<20))
				}
				live = max(live, heap())
				stop()
				runtime.KeepAlive(c)
			}
			b.ReportMetric(peak, "MB_peak")
			b.ReportMetric(live, "MB_live")
		})
	}
}

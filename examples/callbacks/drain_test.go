package main

import (
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever reads the output has stopped reading, so no handler ever returns.
func TestDrain_EndsInTimeThoughHandlersHang(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	require.NoError(t, writer.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
	for err = nil; err == nil; _, err = writer.Write(make([]byte, 4096)) {
	}
	p := startInto(t, writer, []string{testBasic}, databases[0].args(t)...)
	require.Equal(t, http.StatusOK, p.post("/callbacks", stocked))
	begin := time.Now()
	assert.Zero(t, p.stop(syscall.SIGTERM))
	assert.Less(t, time.Since(begin), drainTime+time.Second)
	assert.Contains(t, p.stderr.String(), "1 stored callbacks are still to be handled, at the next start")
}

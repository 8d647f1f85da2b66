package transport

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
)

const (
	maxAnswer  = 8 << 20   // of a successful answer
	maxRefusal = 256 << 10 // of an error answer; kept for the error, and small enough to drain
	maxPooled  = 1 << 20   // a larger buffer is left to the collector
)

// errTooLarge ends a call whose answer is over the limit. Its connection is given up.
var errTooLarge = errors.New("answer is larger than 8 MiB")

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func getBuffer() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

func putBuffer(b *bytes.Buffer) {
	if b != nil && b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// readBody reads an answer to its end, bounded, and closes it: the connection goes back
// to the pool before anybody decides what the answer means.
func readBody(buf *bytes.Buffer, resp *http.Response) error {
	buf.Reset()
	if resp.Body == nil {
		return nil
	}
	defer resp.Body.Close()
	limit := int64(maxRefusal)
	if success(resp.StatusCode) {
		limit = maxAnswer
	}
	if n := resp.ContentLength; n > 0 && n <= limit {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return err
	}
	if n > limit {
		if success(resp.StatusCode) {
			return errTooLarge
		}
		buf.Truncate(int(limit))
	}
	return nil
}

// discard empties a body that nobody wants, as far as that is cheaper than a connection.
func discard(resp *http.Response) {
	if resp.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal))
		_ = resp.Body.Close()
	}
}

func success(status int) bool { return status >= 200 && status < 300 }

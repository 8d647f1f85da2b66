package callbacks

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// readBody reads the whole body into bytes of its own; only these outlive the request.
func (h *Handler[T]) readBody(x *exchange) ([]byte, Reason, error) {
	if x.r.ContentLength > h.config.maxBody {
		x.unread = true
		return nil, RefusedTooLarge, nil
	}
	if h.boundReading(x) {
		defer liftBound(x)
	}
	buf := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buf)
	filled, err := readAll((*buf)[:0], http.MaxBytesReader(x.w, x.r.Body, h.config.maxBody))
	*buf = filled
	switch {
	case err == nil:
	case isTooLarge(err):
		x.unread = true
		return nil, RefusedTooLarge, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.unread = true
		return nil, RefusedSlow, err
	default:
		x.unread = true
		return nil, RefusedCut, err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(filled, byteOrderMark))) == 0 {
		return nil, RefusedEmpty, nil
	}
	return bytes.Clone(filled), "", nil
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

func readAll(buf []byte, r io.Reader) ([]byte, error) {
	if cap(buf) == 0 {
		buf = make([]byte, 0, 1<<10)
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// boundReading sets the read deadline of this body, and reports whether it must be lifted.
func (h *Handler[T]) boundReading(x *exchange) bool {
	server, _ := x.r.Context().Value(http.ServerContextKey).(*http.Server)
	tighter := server != nil && server.ReadTimeout > 0 && server.ReadTimeout <= h.config.readTimeout
	if x.r.ContentLength == 0 || tighter {
		return false
	}
	return http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(h.config.readTimeout)) == nil
}

// liftBound ends the deadline of a body that was read: from here on net/http reads ahead to
// see whether the sender hangs up, and must not take a timeout for that.
func liftBound(x *exchange) {
	if !x.unread {
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
	}
}

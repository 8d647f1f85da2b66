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
		return nil, ReasonTooLarge, nil
	}
	h.boundReading(x)
	buf := h.buffers.Get().(*[]byte)
	defer h.buffers.Put(buf)
	filled, err := readAll((*buf)[:0], http.MaxBytesReader(x.w, x.r.Body, h.config.maxBody))
	*buf = filled
	switch {
	case err == nil:
	case isTooLarge(err):
		x.unread = true
		return nil, ReasonTooLarge, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.unread = true
		return nil, ReasonSlow, err
	default:
		x.unread = true
		return nil, ReasonCut, err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(filled, byteOrderMark))) == 0 {
		return nil, ReasonEmpty, nil
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

// boundReading sets the read deadline of this body. Nobody has to lift it: net/http does at
// the end of the body, when it begins to look for the sender's hanging up.
func (h *Handler[T]) boundReading(x *exchange) {
	server, _ := x.r.Context().Value(http.ServerContextKey).(*http.Server)
	tighter := server != nil && server.ReadTimeout > 0 && server.ReadTimeout <= h.config.readTimeout
	if x.r.ContentLength == 0 || tighter {
		return
	}
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(h.config.readTimeout))
}

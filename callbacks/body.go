package callbacks

import (
	"bytes"
	"errors"
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
	buf := h.buffers.Get().(*bytes.Buffer)
	defer h.buffers.Put(buf)
	buf.Reset()
	if _, err := buf.ReadFrom(http.MaxBytesReader(x.w, x.r.Body, h.config.maxBody)); err != nil {
		x.unread = true
		return nil, reasonOfRead(err), err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(buf.Bytes(), byteOrderMark))) == 0 {
		return nil, ReasonEmpty, nil
	}
	return bytes.Clone(buf.Bytes()), "", nil
}

func reasonOfRead(err error) Reason {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return ReasonTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ReasonSlow
	}
	return ReasonCut
}

// boundReading sets the read deadline of this body. net/http lifts it at the end of the body,
// when it begins to look for the sender's hanging up.
func (h *Handler[T]) boundReading(x *exchange) {
	server, _ := x.r.Context().Value(http.ServerContextKey).(*http.Server)
	tighter := server != nil && server.ReadTimeout > 0 && server.ReadTimeout <= h.config.readTimeout
	if x.r.ContentLength == 0 || tighter {
		return
	}
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(h.config.readTimeout))
}

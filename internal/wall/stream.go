package wall

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	heartbeat    = 15 * time.Second // keeps proxies from hanging up, and finds who is gone
	writeTimeout = 10 * time.Second
)

// stream sends what changes as server-sent events. The first is always a snapshot, unless
// the browser was here a moment ago and says how far it has read.
func (w *Wall) stream(rw http.ResponseWriter, r *http.Request) {
	select {
	case w.viewers <- struct{}{}:
		defer func() { <-w.viewers }()
	default:
		rw.Header().Set("Retry-After", "5")
		problem(rw, http.StatusServiceUnavailable, "too many pages are live")
		return
	}
	h := rw.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := events{rw: rw, control: http.NewResponseController(rw), hub: w.hub}
	if out.send("retry: 1000\n\n") != nil {
		return
	}
	seq, known := w.hub.parse(r.Header.Get("Last-Event-ID"))
	if !known {
		seq = ^uint64(0) // a gap
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		p := w.hub.after(seq)
		var err error
		if p.gap {
			var data []byte
			seq, data = w.snapshot()
			err = out.event(frame{seq, "snapshot", data})
			p.wake = w.hub.after(seq).wake
		} else {
			for _, f := range p.frames {
				if err = out.event(f); err != nil {
					break
				}
				seq = f.seq
			}
		}
		if err != nil || p.closed {
			return
		}
		if p.gap || len(p.frames) > 0 {
			continue // look again before sleeping
		}
		select {
		case <-p.wake:
		case <-beat.C:
			if out.send(": still here\n\n") != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// snapshot is the whole state and the number of the last frame that is in it.
func (w *Wall) snapshot() (uint64, []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hub.last(), encode(w.stateLocked())
}

// events writes server-sent events, each within a time.
type events struct {
	rw      http.ResponseWriter
	control *http.ResponseController
	hub     *hub
}

func (e events) event(f frame) error {
	return e.send(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", e.hub.id(f.seq), f.name, f.data))
}

func (e events) send(text string) error {
	err := e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.rw.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}

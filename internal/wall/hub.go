package wall

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// frame is one event of the stream, encoded once for all who listen.
type frame struct {
	seq  uint64
	name string
	data []byte
}

// hub keeps the last frames. A listener owns nothing but a number: how far it has read.
// So a slow one holds up no other and fills no queue; one that fell too far behind
// is given the whole state again.
type hub struct {
	epoch string // tells the numbers of this process from those of another

	mu     sync.Mutex
	frames []frame
	seq    uint64
	wake   chan struct{} // closed and replaced with each frame
	closed bool
}

// maxFrames is how far behind a listener may be.
const maxFrames = 256

func newHub() *hub { return &hub{epoch: rand.Text()[:8], wake: make(chan struct{})} }

func (h *hub) publish(name string, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.seq++
	if len(h.frames) == maxFrames {
		h.frames = append(h.frames[:0:0], h.frames[maxFrames/2:]...) // listeners may hold the old array
	}
	h.frames = append(h.frames, frame{h.seq, name, data})
	close(h.wake)
	h.wake = make(chan struct{})
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.wake)
	}
}

// position is how a listener stands.
type position struct {
	frames []frame
	wake   <-chan struct{} // closed when there is more
	gap    bool            // what comes next is gone, or was never here
	closed bool
}

// after returns the frames that follow seq.
func (h *hub) after(seq uint64) position {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := position{wake: h.wake, closed: h.closed}
	behind := h.seq - seq
	switch {
	case seq > h.seq || behind > uint64(len(h.frames)):
		p.gap = true
	default:
		p.frames = h.frames[len(h.frames)-int(behind):]
	}
	return p
}

// last is the number of the newest frame.
func (h *hub) last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq
}

// id is a frame's number as a browser sends it back.
func (h *hub) id(seq uint64) string { return h.epoch + "-" + strconv.FormatUint(seq, 10) }

// parse reads an id; false when it is none of this process.
func (h *hub) parse(id string) (uint64, bool) {
	rest, ours := strings.CutPrefix(id, h.epoch+"-")
	seq, err := strconv.ParseUint(rest, 10, 64)
	return seq, ours && err == nil
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("wall: %v", err)) // of our own types
	}
	return b
}

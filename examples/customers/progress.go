package main

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// many is from how many customers on progress is worth a line.
const many = 20

// progress is a line on a terminal that counts; nil shows nothing.
type progress struct {
	w     io.Writer
	total int
	mu    sync.Mutex
	n     int
}

func newProgress(w io.Writer, total int) *progress {
	f, ok := w.(*os.File)
	if !ok || total < many {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &progress{w: w, total: total}
}

func (p *progress) step(what string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	fmt.Fprintf(p.w, "\r%s: %d of %d\x1b[K", what, p.n, p.total)
}

func (p *progress) restart() {
	if p != nil {
		p.mu.Lock()
		p.n = 0
		p.mu.Unlock()
	}
}

// done removes the line.
func (p *progress) done() {
	if p != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// Package memnet is a network in memory, for tests in a testing/synctest bubble. Unlike
// sockets its connections block durably, so that net/http's own client and server run on
// virtual time.
package memnet

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// Listener accepts the connections of Dial. It implements net.Listener.
type Listener struct {
	conns  chan net.Conn
	done   chan struct{}
	once   sync.Once
	dialed atomic.Int64
}

// Listen returns an open listener.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Serve runs a server with the handler and returns a transport that reaches it at every
// address. Both end with the test. Call it inside the bubble.
func Serve(t testing.TB, handler http.Handler) (*http.Transport, *Listener) {
	t.Helper()
	l := Listen()
	srv := &http.Server{Handler: handler}
	var running sync.WaitGroup
	running.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("memnet: %v", err)
		}
	})
	base := &http.Transport{DialContext: l.Dial, MaxIdleConnsPerHost: 64}
	t.Cleanup(func() {
		base.CloseIdleConnections()
		_ = srv.Close()
		running.Wait()
	})
	return base, l
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and refuses further dials. It is safe to repeat.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns a fixed name.
func (l *Listener) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

// Dialed counts the connections made so far.
func (l *Listener) Dialed() int { return int(l.dialed.Load()) }

// Dial connects to the listener. It fits http.Transport.DialContext.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	var err error
	select {
	case l.conns <- theirs:
		l.dialed.Add(1)
		return ours, nil
	case <-l.done:
		err = errors.New("connection refused")
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = ours.Close()
	_ = theirs.Close()
	return nil, &net.OpError{Op: "dial", Net: "memory", Addr: l.Addr(), Err: err}
}

package callbackstest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// The faults need a connection of their own: net/http's client collects a small body before
// it sends any of it, and so can neither trickle nor cut it.

const slowPieces = 10

// cutBody sends half of the body and breaks off.
func (s *sending) cutBody(ctx context.Context, body []byte) error {
	c, done, err := s.open(ctx, len(body))
	if err != nil {
		return err
	}
	defer done()
	if _, err := c.Write(body[:len(body)/2]); err != nil {
		return err
	}
	return errCut
}

// hangUp sends all and does not wait for the answer.
func (s *sending) hangUp(ctx context.Context, body []byte) error {
	c, done, err := s.open(ctx, len(body))
	if err != nil {
		return err
	}
	defer done()
	if _, err := c.Write(body); err != nil {
		return err
	}
	return errHungUp
}

// slowBody sends the body in pieces and waits for the answer, which may come before the
// last piece.
func (s *sending) slowBody(ctx context.Context, body []byte) (int, error) {
	c, done, err := s.open(ctx, len(body))
	if err != nil {
		return 0, err
	}
	defer done()
	answers := make(chan answer, 1)
	go func() { answers <- readAnswer(c) }()
	pause := s.faults.SlowFor
	if pause == 0 {
		pause = 200 * time.Millisecond
	}
	for i := range slowPieces {
		from, to := i*len(body)/slowPieces, (i+1)*len(body)/slowPieces
		if _, err := c.Write(body[from:to]); err != nil || !sleep(ctx, pause/slowPieces) {
			break
		}
	}
	a := <-answers
	return a.status, a.err
}

type answer struct {
	status int
	err    error
}

// readAnswer ends with the connection at the latest.
func readAnswer(c net.Conn) answer {
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	return answer{status: response.StatusCode}
}

// open connects and sends the head. The connection lives until done, the timeout of a try
// or the end of the context.
func (s *sending) open(ctx context.Context, length int) (net.Conn, func(), error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	c, err := s.connect(ctx)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	done := func() {
		stop()
		cancel()
		_ = c.Close()
	}
	if _, err := c.Write(s.head(length)); err != nil {
		done()
		return nil, nil, err
	}
	return c, done, nil
}

func (s *sending) connect(ctx context.Context) (net.Conn, error) {
	secure := s.target.Scheme == "https"
	port := s.target.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[secure]
	}
	c, err := s.dial(ctx, "tcp", net.JoinHostPort(s.target.Hostname(), port))
	if err != nil || !secure {
		return c, err
	}
	config := s.tls.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = s.target.Hostname()
	}
	config.NextProtos = []string{"http/1.1"}
	secured := tls.Client(c, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return secured, nil
}

func (s *sending) head(length int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n",
		s.method, s.target.RequestURI(), s.target.Host, length)
	_ = s.header.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}

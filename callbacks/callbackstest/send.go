package callbackstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// acknowledged is the only answer that counts: senders exist that take no other 2xx.
const acknowledged = http.StatusOK

var (
	errCut    = errors.New("callbackstest: body cut on purpose")
	errHungUp = errors.New("callbackstest: hung up on purpose")
)

// Send sends the messages and returns when each was acknowledged or given up. When the
// context ends it stops in mid-sending; the report then holds what happened so far and the
// error is the context's cause. Sending the same messages again is safe if the receiver
// keeps its promises.
func (s *Sender) Send(ctx context.Context, messages ...Message) (Report, error) {
	transport := &http.Transport{
		DialContext: s.dial, TLSClientConfig: s.tls, MaxIdleConnsPerHost: 2 * s.workers, DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	run := &sending{
		Sender: s, ledger: newLedger(messages),
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	queue := make(chan []*plan)
	var wg sync.WaitGroup
	for range s.workers {
		wg.Go(func() {
			for group := range queue {
				run.group(ctx, group)
			}
		})
	}
	feed(ctx, queue, groups(s.plans(messages)))
	wg.Wait()
	if ctx.Err() != nil {
		return run.ledger.report, fmt.Errorf("callbackstest: send: %w", context.Cause(ctx))
	}
	return run.ledger.report, nil
}

func feed(ctx context.Context, queue chan<- []*plan, list [][]*plan) {
	defer close(queue)
	for _, group := range list {
		select {
		case queue <- group:
		case <-ctx.Done():
			return
		}
	}
}

// sending is one run of Send.
type sending struct {
	*Sender
	ledger *ledger
	client *http.Client
}

func (s *sending) group(ctx context.Context, group []*plan) {
	for _, p := range group {
		if ctx.Err() != nil {
			return
		}
		if p.reordered {
			s.ledger.write(func(r *Report) { r.Reordered++ })
		}
		s.message(ctx, p)
	}
}

// message tries until the message is acknowledged or the schedule ends.
func (s *sending) message(ctx context.Context, p *plan) {
	done := s.first(ctx, p)
	for _, wait := range s.schedule {
		if done || !sleep(ctx, wait) {
			break
		}
		done = s.plain(ctx, p)
	}
	if done && p.duplicate && ctx.Err() == nil {
		s.ledger.write(func(r *Report) { r.Resent++ })
		s.plain(ctx, p)
	}
}

// first is the try to which faults happen; one at most, the worst first.
func (s *sending) first(ctx context.Context, p *plan) bool {
	switch {
	case p.cut:
		s.ledger.write(func(r *Report) { r.Cut++ })
		return s.ledger.note(p, 0, s.cutBody(ctx, p.message.Body))
	case p.hangUp:
		s.ledger.write(func(r *Report) { r.HungUp++ })
		return s.ledger.note(p, 0, s.hangUp(ctx, p.message.Body))
	case p.slow:
		s.ledger.write(func(r *Report) { r.Slow++ })
		status, err := s.slowBody(ctx, p.message.Body)
		return s.ledger.note(p, status, err)
	case p.twice:
		s.ledger.write(func(r *Report) { r.Resent++ })
		var wg sync.WaitGroup
		var other bool
		wg.Go(func() { other = s.plain(ctx, p) })
		one := s.plain(ctx, p)
		wg.Wait()
		return one || other
	}
	return s.plain(ctx, p)
}

// plain is a try without a fault.
func (s *sending) plain(ctx context.Context, p *plan) bool {
	status, err := s.do(ctx, p.message.Body)
	return s.ledger.note(p, status, err)
}

func (s *sending) do(ctx context.Context, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, s.method, s.target.String(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header = s.header.Clone()
	response, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// demonstrate receives for real, on loopback, while a sender in the same process does what
// senders and networks do; then it compares what was sent with what is in the database and
// what was handled. The error says which numbers do not add up.
func demonstrate(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	if !cfg.given["db"] && cfg.dsn == "" {
		folder, err := os.MkdirTemp("", "callbacks-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		cfg.db = filepath.Join(folder, "demo.db")
	}
	if !cfg.given["addr"] {
		cfg.addr = "127.0.0.1:0"
	}
	if len(cfg.secrets) == 0 {
		cfg.secrets = invented()
	}
	rec, err := newReceiver(ctx, cfg, stdout, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.close()) }()
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())

	messages := script(cfg.n)
	fmt.Fprintf(stderr, "playing %d reservations to %s, with duplicates, reordering and lost connections\n", cfg.n, cfg.place())
	tally := newTally(messages)
	rec.shop.watch = tally.handled
	report, err := rec.meanwhile(ctx, listener, func(ctx context.Context) (callbackstest.SendReport, error) {
		return sendAll(ctx, "http://"+listener.Addr().String()+"/callbacks", cfg.secrets, messages)
	})
	if err != nil {
		return err
	}
	if err := tally.read(ctx, rec.box); err != nil {
		return err
	}
	if cfg.json {
		stdout = stderr // the objects stay among themselves
	}
	duplicates, err := rec.metrics.duplicates()
	if err != nil {
		return err
	}
	return tally.balance(stdout, report, duplicates)
}

// meanwhile serves while fn runs, and until everything it caused is handled.
func (r *receiver) meanwhile(ctx context.Context, l net.Listener,
	fn func(context.Context) (callbackstest.SendReport, error),
) (report callbackstest.SendReport, err error) {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	var failed error
	sending, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	wg.Go(func() {
		failed = r.serve(serving, l)
		abort(failed)
	})
	report, err = fn(sending)
	if err == nil {
		r.settle(sending)
	}
	stop()
	wg.Wait()
	return report, errors.Join(failed, err)
}

// vendorExample is one of the vendor's own: with a comma at its end that JSON forbids.
const vendorExample = `{
"reservationId": "hMg8VDP8oldBNVgAOBvH-%s",
"status": "RETURNING",
"changeTime": "2022-12-30T13:00:32.42Z",
"flowType": "INLET",
"barcodes": ["7032102989999912"],
"docNumber": "hMg8VDP8oldBNVgAOBvH",
"blocked": false,
"errorState": null,
}`

// unreadable are bodies in which no reservation change can be found.
var unreadable = []string{
	`{"status": "STOCKED", "note": "no reservation %s"}`,
	`<html><body>502 Bad Gateway, request %s</body></html>`,
	`{"reservationId": "%s", "status": "STOCKED", "changeTi`,
}

// script is what is sent: the lives of n reservations, with names that no earlier
// demonstration has used in the same database, the vendor's example, and bodies that
// no version can read.
func script(n int) []callbackstest.Message {
	run := hex.EncodeToString([]byte{byte(rand.Uint32()), byte(rand.Uint32()), byte(rand.Uint32())})
	names := map[string]string{}
	var messages []callbackstest.Message
	for _, m := range callbackstest.ReservationMessages(rand.Uint64(), n) {
		c, err := callbacks.Decode(m.Body)
		if err != nil {
			panic(fmt.Sprintf("callbackstest made a body that cannot be read: %v", err))
		}
		if names[m.Group] == "" {
			names[m.Group] = fmt.Sprintf("parcel-%s-%04d", run, len(names)+1)
		}
		c.ReservationID = names[m.Group]
		messages = append(messages, callbackstest.ChangeMessage(c))
	}
	for i, body := range append([]string{vendorExample}, unreadable...) {
		messages = append(messages, callbackstest.Message{
			Group: fmt.Sprint("special ", i), Body: fmt.Appendf(nil, body, run),
		})
	}
	return messages
}

// faults are what senders and networks do, more often than they do it.
var faults = callbackstest.Faults{
	Reorder: 0.15, Duplicate: 0.2, Twice: 0.1, CutBody: 0.05, HangUp: 0.05, SlowBody: 0.02,
}

// sendAll sends to the receiver, a share of the reservations with each of the secrets.
func sendAll(ctx context.Context, target string, list secrets, messages []callbackstest.Message) (callbackstest.SendReport, error) {
	shares := make([][]callbackstest.Message, len(list))
	turn := map[string]int{}
	for _, m := range messages {
		if _, ok := turn[m.Group]; !ok {
			turn[m.Group] = len(turn) % len(list)
		}
		shares[turn[m.Group]] = append(shares[turn[m.Group]], m)
	}
	reports, errs := make([]callbackstest.SendReport, len(list)), make([]error, len(list))
	var wg sync.WaitGroup
	for i, s := range list {
		sender, err := callbackstest.NewSender(target, s.show(s.value()), callbackstest.WithFaults(faults),
			callbackstest.WithSeed(rand.Uint64()), callbackstest.WithSchedule(patience...))
		if err != nil {
			return callbackstest.SendReport{}, err
		}
		wg.Go(func() { reports[i], errs[i] = sender.Send(ctx, shares[i]...) })
	}
	wg.Wait()
	return merge(reports), errors.Join(errs...)
}

// patience is when the sender comes again: soon, since the receiver is near, and often
// enough for a machine that is busy with other things.
var patience = []time.Duration{
	50 * time.Millisecond, 200 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 5 * time.Second,
}

func merge(reports []callbackstest.SendReport) callbackstest.SendReport {
	all := callbackstest.SendReport{Statuses: map[int]int{}}
	for _, r := range reports {
		all.Results = append(all.Results, r.Results...)
		all.Requests += r.Requests
		all.Unanswered += r.Unanswered
		all.Resent += r.Resent
		all.Reordered += r.Reordered
		all.Slow += r.Slow
		all.Cut += r.Cut
		all.HungUp += r.HungUp
		for status, n := range r.Statuses {
			all.Statuses[status] += n
		}
	}
	return all
}

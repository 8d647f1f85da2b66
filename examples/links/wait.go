package main

import (
	"context"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// webhookDelay is how long a webhook may come after polling has seen the change.
const webhookDelay = 5 * time.Second

// waitForDoor lets the customer open the link and waits until Harbor reports the status: by
// a webhook, which wakes the watcher, or at its next poll.
func (d *delivery) waitForDoor(ctx context.Context, link *harbor.Link, to harbor.LockerStatus, name string) error {
	s := d.at(name+"_door", "")
	s.Request = link.ID
	d.out.Step(s, "%s opens the link at tower %s", d.customer.who(), d.ref.Tower)

	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	waited := make(chan error, 1)
	go func() {
		_, err := d.watch.Wait(ctx, d.ref, to)
		waited <- err
	}()
	if err := d.customer.open(ctx, link); err != nil {
		cancel()
		<-waited
		return err
	}
	var heard, seen bool
	var late <-chan time.Time
	for !seen || (!heard && d.hooks != nil) {
		select {
		case e := <-d.hooks:
			heard = d.observe(e, link) || heard
		case err := <-waited:
			if err != nil {
				return err
			}
			seen, waited, late = true, nil, time.After(webhookDelay)
		case <-late:
			d.out.Step(d.at("no_webhook", ""), "no webhook came, but the locker is %s", to)
			return nil
		}
	}
	return nil
}

// observe takes a webhook as a hint to look at the locker. It reports whether the webhook
// says that the link's door was used.
func (d *delivery) observe(e harbor.WebhookEvent, link *harbor.Link) bool {
	if e.Locker != d.ref {
		return false
	}
	d.watch.Nudge(e.Locker)
	s := d.at("webhook", "")
	s.Event, s.Source = string(e.Event), string(e.Source)
	if e.RequestID != nil {
		s.Request = *e.RequestID
	}
	d.out.Step(s, "%s, %s: the locker is %s", e.Event, e.Source, e.Status)
	return e.Source == harbor.WebhookSourceLockerTokenUsed && e.RequestID != nil && *e.RequestID == link.ID
}

package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// actions let a person on the wall be the service provider, the person with the phone,
// Harbor's staff, and time.
type actions struct{ sim *simulator }

// hold is for how long a click reserves, and how long a token lasts.
const hold = 5 * time.Minute

// hand is the locker tokens that were made by clicks and not used yet.
type hand struct {
	mu     sync.Mutex
	tokens map[harbor.LockerRef]map[harbor.LockerEvent]*harbor.LockerToken
}

func (h *hand) put(ref harbor.LockerRef, use harbor.LockerEvent, t *harbor.LockerToken) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tokens == nil {
		h.tokens = map[harbor.LockerRef]map[harbor.LockerEvent]*harbor.LockerToken{}
	}
	if h.tokens[ref] == nil {
		h.tokens[ref] = map[harbor.LockerEvent]*harbor.LockerToken{}
	}
	h.tokens[ref][use] = t
}

// take returns a token; keep leaves it there.
func (h *hand) take(ref harbor.LockerRef, use harbor.LockerEvent, keep bool) *harbor.LockerToken {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tokens[ref][use]
	if !keep {
		delete(h.tokens[ref], use)
	}
	return t
}

// act is one event: whether it can be brought about, and how.
type act struct {
	can func(w *world, v harbortest.LockerView) bool
	do  func(ctx context.Context, s *simulator, w *world, v harbortest.LockerView) error
}

var acts = map[harbor.LockerEvent]act{
	harbor.LockerEventReserve: {free, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		_, err := w.client.Lockers.Reserve(ctx, v.Ref, hold)
		return err
	}},
	harbor.LockerEventCancelReservation: {ours, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		return w.client.Lockers.CancelReservation(ctx, v.Ref)
	}},
	harbor.LockerEventRelease: {ours, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		_, err := w.client.Lockers.Release(ctx, v.Ref)
		return err
	}},
	harbor.LockerEventCreateDropoffToken: {oursOrFree, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		t, err := w.client.Lockers.DropoffToken(ctx, v.Ref, harbor.TokenRequest{Duration: hold, ClientInfo: "locker wall"})
		return w.keep(v.Ref, harbor.LockerEventDropoffTokenUsed, t, err)
	}},
	harbor.LockerEventCreatePickupToken: {ours, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		t, err := w.client.Lockers.PickupToken(ctx, v.Ref, harbor.TokenRequest{Duration: hold, ClientInfo: "locker wall"})
		return w.keep(v.Ref, harbor.LockerEventPickupTokenUsed, t, err)
	}},
	harbor.LockerEventDropoffTokenUsed:    {inHand(harbor.LockerEventDropoffTokenUsed), use(harbor.LockerEventDropoffTokenUsed)},
	harbor.LockerEventPickupTokenUsed:     {inHand(harbor.LockerEventPickupTokenUsed), use(harbor.LockerEventPickupTokenUsed)},
	harbor.LockerEventReservationExpired:  {ends, waitForEnd},
	harbor.LockerEventDropoffTokenExpired: {ends, waitForEnd},
	harbor.LockerEventTowerSynced: {anyone, func(ctx context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		device, err := w.newPhone(ctx, "")
		if err != nil {
			return err
		}
		return device.Connect(v.Ref.Tower)
	}},
	harbor.LockerEventTakeOutOfService: {anyone, func(_ context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		return w.harbor.SetStatus(v.Ref, harbor.LockerStatusOutOfService, "")
	}},
	harbor.LockerEventReturnToService: {anyone, func(_ context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
		return w.harbor.SetStatus(v.Ref, harbor.LockerStatusAvailable, "")
	}},
}

func anyone(*world, harbortest.LockerView) bool   { return true }
func free(_ *world, v harbortest.LockerView) bool { return v.Owner == "" }
func ours(w *world, v harbortest.LockerView) bool { return v.Owner == w.config.clientID }

func oursOrFree(w *world, v harbortest.LockerView) bool { return free(w, v) || ours(w, v) }

func ends(_ *world, v harbortest.LockerView) bool { return !v.Expires.IsZero() }

func (w *world) view(ref harbor.LockerRef) (harbortest.LockerView, bool) { return w.harbor.Locker(ref) }

func inHand(event harbor.LockerEvent) func(*world, harbortest.LockerView) bool {
	return func(w *world, v harbortest.LockerView) bool { return w.hand.take(v.Ref, event, true) != nil }
}

func (w *world) keep(ref harbor.LockerRef, use harbor.LockerEvent, t *harbor.LockerToken, err error) error {
	if err == nil {
		w.hand.put(ref, use, t)
	}
	return err
}

// use is a person with a phone who comes to the tower, opens the door and shuts it.
func use(event harbor.LockerEvent) func(context.Context, *simulator, *world, harbortest.LockerView) error {
	return func(ctx context.Context, s *simulator, w *world, v harbortest.LockerView) error {
		t := w.hand.take(v.Ref, event, false)
		if t == nil {
			return errors.New("there is no token for this door in hand")
		}
		device, err := w.newPhone(ctx, "")
		if err != nil {
			return err
		}
		if err := device.Connect(v.Ref.Tower); err != nil {
			return err
		}
		defer device.Disconnect()
		_, err = s.swing(ctx, device, v.Ref.Tower, t.Payload, t.PayloadAuth)
		return err
	}
}

// waitForEnd lets time pass until the locker has no owner any more.
func waitForEnd(_ context.Context, _ *simulator, w *world, v harbortest.LockerView) error {
	if left := v.Expires.Sub(w.harbor.Now()); left > 0 {
		w.advance(left)
	}
	return nil
}

// Can returns what a click can bring about.
func (a actions) Can(ref harbor.LockerRef, status harbor.LockerStatus) []harbor.LockerEvent {
	w := a.sim.world()
	v, ok := w.view(ref)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(status.Events(), func(e harbor.LockerEvent) bool {
		act, known := acts[e]
		return !known || !act.can(w, v)
	})
}

// Do brings an event about.
func (a actions) Do(ctx context.Context, ref harbor.LockerRef, event harbor.LockerEvent) error {
	w := a.sim.world()
	v, ok := w.view(ref)
	act, known := acts[event]
	if !ok || !known {
		return errors.New("this cannot be done here")
	}
	return act.do(ctx, a.sim, w, v)
}

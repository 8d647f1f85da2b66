package harbortest

import (
	"errors"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// SetStatus sets the status of a locker by hand, as Harbor's staff can: the table does
// not apply. The owner is needed for reserved, rented, occupied and released, and is the
// client id of a provider; empty keeps the one there is. What stands in the tower does not
// change, but tokens of whoever had the locker end with the next sync.
func (s *Server) SetStatus(ref harbor.LockerRef, status harbor.LockerStatus, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	l := s.find(ref)
	switch {
	case l == nil:
		return fmt.Errorf("harbortest: there is no locker %v", ref)
	case !status.Known():
		return fmt.Errorf("harbortest: unknown status %q", status)
	}
	if owner == "" {
		owner = l.owner
	}
	if _, there := s.CredentialsOf(owner); owned(status) && !there {
		return errors.New("harbortest: the status needs an owner who is a provider")
	}
	if owned(status) {
		if l.owner != owner {
			l.rental++
		}
		l.owner = owner
	} else if l.rental > 0 {
		l.tower.tell(l)
	}
	s.move(l, status)
	l.until = time.Time{}
	if status == harbor.StatusReleased {
		l.tower.tell(l)
	}
	return nil
}

// ResetEvents makes Harbor and a tower forget what they had to tell each other, as
// Harbor's staff do after setting statuses by hand.
func (s *Server) ResetEvents(id harbor.TowerID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.towers[id.Normalize()]
	if t == nil {
		return fmt.Errorf("harbortest: there is no tower %q", id)
	}
	t.reset()
	return nil
}

func (t *tower) reset() {
	t.commands, t.device.events = nil, nil
	t.lastSeen = t.device.lastSeq
	for _, l := range t.lockers {
		l.releaseCmd = 0 // there is no command to wait for any more
	}
}

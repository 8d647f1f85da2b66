package harbortest

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/lockerline/lockerline-go/harbor"
)

// ErrLink is a Locker Open link that opens nothing: forged, of another server, or of a
// rental that is over.
var ErrLink = errors.New("harbortest: the link opens nothing")

// OpenLink plays the end user who follows a linkToken at the tower: the door opens, the
// user does what the link is for and shuts it, and the tower is synced. It returns where
// the browser is sent afterwards, empty when the link has no returnUrl. A link may be
// followed again while its rental lasts.
func (s *Server) OpenLink(linkToken string) (redirect string, err error) {
	s.mu.Lock()
	s.settle()
	k := s.parseLink(linkToken)
	if k == nil {
		s.mu.Unlock()
		return "", ErrLink
	}
	l, id := k.locker, k.locker.tower.id
	access := s.mint(k.owner, "", []harbor.Scope{harbor.ScopeTowerAccess})
	s.mu.Unlock()

	// Connected first: what the tower has to tell may end the rental.
	phone := s.Phone(access)
	if err := phone.Connect(id); err != nil {
		return k.back("error"), err
	}
	s.mu.Lock()
	s.settle()
	if l.rental != k.rental || l.owner != k.owner || !linkable(l.status, k.kind) {
		s.mu.Unlock()
		return k.back("error"), ErrLink
	}
	until := s.clock.now().Add(s.linkLife)
	payload, auth := s.cutKey(l, k.kind, until, &doorToken{owner: k.owner, clientInfo: k.clientInfo, link: k.id})
	s.mu.Unlock()

	if _, err = phone.Use(payload, auth); err == nil {
		err = phone.CloseDoor()
	}
	if err != nil {
		return k.back("error"), err
	}
	return k.back("success"), nil
}

// back is the returnUrl with what Locker Open adds to it (observed).
func (k *link) back(status string) string {
	u, err := url.Parse(k.returnURL)
	if err != nil || k.returnURL == "" {
		return ""
	}
	q := u.Query()
	q.Set("open_locker_request", strconv.FormatInt(k.id, 10))
	q.Set("status", status)
	u.RawQuery = q.Encode()
	return u.String()
}

// linkable reports whether a link of the kind still has a door to open.
func linkable(s harbor.LockerStatus, kind byte) bool {
	if kind == kindPickup {
		return s == harbor.StatusOccupied
	}
	return s == harbor.StatusRented || s == harbor.StatusOccupied
}

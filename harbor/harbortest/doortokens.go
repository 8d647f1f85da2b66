package harbortest

import (
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// lockerTokenJSON is snake_case around a locker that is not, as observed.
type lockerTokenJSON struct {
	TowerID     string     `json:"tower_id"`
	Locker      lockerJSON `json:"locker"`
	PayloadAuth string     `json:"payload_auth"`
	Payload     string     `json:"payload"`
	Expires     string     `json:"expires"`
}

func (s *Server) createDropoffToken(c *call) reply { return s.createDoorToken(c, kindDropoff) }
func (s *Server) createPickupToken(c *call) reply  { return s.createDoorToken(c, kindPickup) }

func (s *Server) createDoorToken(c *call, kind byte) reply {
	c.body(c.raw)
	seconds := c.positive("duration")
	info := c.text("client_info", false)
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	}
	until := s.after(seconds)
	if no := s.grant(l, c.token.client, kind, until, false); no != nil {
		return *no
	}
	token := &doorToken{owner: c.token.client, clientInfo: info}
	payload, auth := s.cutKey(l, kind, until, token)
	return s.created(lockerTokenJSON{
		TowerID: s.quirks.towerID(l.tower.id), Locker: s.locker(l), PayloadAuth: auth, Payload: payload,
		Expires: s.quirks.time(until),
	}, true)
}

// grant lets a provider have a token or a link for a locker, or says why not.
func (s *Server) grant(l *locker, owner string, kind byte, until time.Time, asLink bool) *reply {
	no := func(status int, detail string) *reply {
		r := s.refusal(status, detail)
		return &r
	}
	if l.owner != "" && l.owner != owner {
		if l.status == harbor.StatusReserved {
			return no(http.StatusForbidden, "Locker is reserved by another service provider")
		}
		return no(http.StatusForbidden, "Locker is not assigned to you")
	}
	event := harbor.EventCreateDropoffToken
	if asLink {
		event = harbor.EventCreateDropoffLink
	}
	if kind == kindPickup {
		event = harbor.EventCreatePickupToken
		if asLink {
			event = harbor.EventCreatePickupLink
		}
		if s.apply(l, event) != nil {
			return no(http.StatusConflict, "Locker is not occupied")
		}
		return nil
	}
	if s.rent(l, owner, event, until) != nil {
		return no(http.StatusConflict, "Locker is not available")
	}
	return nil
}

// cutKey makes the key to a door, as a locksmith does, and remembers whose it is.
func (s *Server) cutKey(l *locker, kind byte, until time.Time, token *doorToken) (payload, auth string) {
	p := pass{Kind: kind, Locker: uint32(l.ID), Rental: l.rental, ID: s.id(), Expires: until.UnixMilli()}
	s.doorToken[p.ID] = token
	s.announceToken(l, sourceTokenCreated, p.ID, token, l.reservation)
	return sealHex(l.tower.key, p.encode())
}

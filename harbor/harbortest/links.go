package harbortest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
)

// link is a Locker Open request.
type link struct {
	id         int64
	kind       byte
	owner      string
	locker     *locker
	rental     uint32
	returnURL  string
	clientInfo string
	payload    json.RawMessage
}

type linkJSON struct {
	ID         int64           `json:"id"`
	LockerID   harbor.LockerID `json:"lockerId"`
	TowerID    string          `json:"towerId"`
	LinkToken  string          `json:"linkToken"`
	ReturnURL  string          `json:"returnUrl"`
	ClientInfo string          `json:"clientInfo"`
	Payload    json.RawMessage `json:"payload"`
}

func (s *Server) linkJSON(k *link) linkJSON {
	payload := k.payload
	if payload == nil {
		payload = json.RawMessage("{}")
	}
	return linkJSON{
		ID: k.id, LockerID: k.locker.ID, TowerID: s.quirks.towerID(k.locker.tower.id),
		LinkToken: s.linkURL(k), ReturnURL: k.returnURL, ClientInfo: k.clientInfo, Payload: payload,
	}
}

// linkFields reads what both kinds of link take.
func (c *call) linkFields(kind byte) *link {
	k := &link{
		kind: kind, owner: c.token.client,
		returnURL: c.text("returnUrl", false), clientInfo: c.text("clientInfo", false), payload: c.object("payload"),
	}
	c.text("keypadIntent", false)
	c.flag("persistKeypadCode")
	return k
}

// createDropoffLink chooses the locker.
func (s *Server) createDropoffLink(c *call) reply {
	c.body(c.Body)
	place, size, low := c.positive("locationId"), c.positive("lockerTypeId"), c.flag("requireLowLocker")
	k := c.linkFields(kindDropoff)
	if c.problems != nil {
		return invalid(c.problems)
	}
	found := false
	for _, st := range s.sites {
		if st.ID != harbor.LocationID(place) {
			continue
		}
		found = true
		for _, l := range st.allLockers() {
			if l.status == harbor.LockerStatusAvailable && l.Type.ID == harbor.LockerTypeID(size) && (l.Low || !low) {
				return s.openLink(k, l)
			}
		}
	}
	if !found {
		return refuse(http.StatusNotFound, "Location not found")
	}
	return s.refusal(http.StatusConflict, "No locker available")
}

func (s *Server) createPickupLink(c *call) reply {
	c.body(c.Body)
	id := c.positive("lockerId")
	k := c.linkFields(kindPickup)
	if c.problems != nil {
		return invalid(c.problems)
	}
	l := s.lockers[harbor.LockerID(id)]
	if l == nil {
		return refuse(http.StatusNotFound, "Locker not found")
	}
	return s.openLink(k, l)
}

func (s *Server) openLink(k *link, l *locker) reply {
	if no := s.grant(l, k.owner, k.kind, s.clock.Now().Add(s.linkLife), true); no != nil {
		return *no
	}
	k.id, k.locker, k.rental = int64(s.id()), l, l.rental
	s.links[k.id] = k
	if k.kind == kindDropoff {
		s.announceLink(k)
	}
	return s.created(s.linkJSON(k), true)
}

func (s *Server) getLink(c *call) reply {
	id := c.pathInt("request")
	if c.problems != nil {
		return invalid(c.problems)
	}
	k := s.links[id]
	if k == nil || k.owner != c.token.client {
		return refuse(http.StatusNotFound, "Locker open request not found")
	}
	return ok(s.linkJSON(k))
}

// linkURL returns the link: its request id, signed.

func (s *Server) linkURL(k *link) string {
	verb := "dropoff"
	if k.kind == kindPickup {
		verb = "pickup"
	}
	claim := fmt.Appendf(nil, `{"request_id":%d}`, k.id)
	token := base64.RawURLEncoding.EncodeToString(claim) + "." + base64.RawURLEncoding.EncodeToString(s.signLink(claim))
	return "https://lockeropen.com/" + verb + "?token=" + token + "&env=sandbox"
}

func (s *Server) signLink(claim []byte) []byte {
	mac := hmac.New(sha1.New, s.linkKey)
	mac.Write(claim)
	return mac.Sum(nil)
}

// parseLink returns the request of a link; nil when the link is of another server.
func (s *Server) parseLink(address string) *link {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	first, second, _ := strings.Cut(u.Query().Get("token"), ".")
	claim, err1 := base64.RawURLEncoding.DecodeString(first)
	sign, err2 := base64.RawURLEncoding.DecodeString(second)
	var body struct {
		ID int64 `json:"request_id"`
	}
	if err1 != nil || err2 != nil || !hmac.Equal(sign, s.signLink(claim)) || json.Unmarshal(claim, &body) != nil {
		return nil
	}
	return s.links[body.ID]
}

// ErrLink says that a Locker Open link is refused: forged, of another server, or of a
// rental that has ended.
var ErrLink = errors.New("harbortest: the link is refused")

// OpenLink plays the end user who follows a linkToken at the tower: the door opens, the
// user puts in or takes out the parcel and shuts the door, and the tower is synced. It
// returns where the browser is sent afterwards; empty when the link has no returnUrl. It is
// safe to repeat while the rental lasts.
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

	// Connected first: the events of the tower may end the rental.
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
	until := s.clock.Now().Add(s.linkLife)
	payload, auth := s.issueDoorToken(l, k.kind, until, &doorToken{owner: k.owner, clientInfo: k.clientInfo, link: k.id})
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

// linkable reports whether a link of the kind can still open the door.
func linkable(s harbor.LockerStatus, kind byte) bool {
	if kind == kindPickup {
		return s == harbor.LockerStatusOccupied
	}
	return s == harbor.LockerStatusRented || s == harbor.LockerStatusOccupied
}

package harbor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// LinksService makes Locker Open requests: links that a customer opens on the phone,
// without an app of yours. Harbor supports a single open transaction at a time (vendor
// page), and has no way to cancel a request (observed): release the locker instead.
type LinksService struct{ c *Client }

// DropoffLinkRequest is what a drop-off link is asked for with.
type DropoffLinkRequest struct {
	Location LocationID   // where; Harbor picks the locker
	Type     LockerTypeID // which size; see LockerTypesService
	// RequireLowLocker asks for a locker that can be reached from a wheelchair. It
	// makes the choice smaller.
	RequireLowLocker bool
	LinkOptions
}

// PickupLinkRequest is what a pick-up link is asked for with.
type PickupLinkRequest struct {
	Locker LockerID // that holds the parcel
	LinkOptions
}

// LinkOptions are common to both kinds of link. All may be left empty.
type LinkOptions struct {
	// ReturnURL is where the customer is sent afterwards, with open_locker_request and
	// status added. Nothing in that is signed: add a parameter of your own that is.
	ReturnURL string
	// ClientInfo comes back in webhooks. An order number, never personal data.
	ClientInfo string
	// Payload comes back in webhooks as it is; an object. Nil is sent as {}.
	Payload map[string]any
	// KeypadIntent asks for a keypad code; "pickup" was observed. Empty to leave out.
	KeypadIntent string
	// PersistKeypadCode keeps the keypad code; nil to leave out (observed).
	PersistKeypadCode *bool
}

type linkBody struct {
	Location          *LocationID    `json:"locationId,omitempty"`
	Type              *LockerTypeID  `json:"lockerTypeId,omitempty"`
	RequireLowLocker  *bool          `json:"requireLowLocker,omitempty"`
	Locker            *LockerID      `json:"lockerId,omitempty"`
	ReturnURL         string         `json:"returnUrl"`
	ClientInfo        string         `json:"clientInfo"`
	Payload           map[string]any `json:"payload"`
	KeypadIntent      string         `json:"keypadIntent,omitempty"`
	PersistKeypadCode *bool          `json:"persistKeypadCode,omitempty"`
}

func (o LinkOptions) body() linkBody {
	if o.Payload == nil {
		o.Payload = map[string]any{}
	}
	return linkBody{
		ReturnURL: o.ReturnURL, ClientInfo: o.ClientInfo, Payload: o.Payload,
		KeypadIntent: o.KeypadIntent, PersistKeypadCode: o.PersistKeypadCode,
	}
}

// Link is a Locker Open request.
type Link struct {
	ID        int64     // of the request; not the locker's
	Locker    LockerRef // what Harbor picked; keep it, releasing needs it. Tower may be empty
	LinkToken string    // the whole link to give to the customer. It opens the door
	Raw       json.RawMessage
}

// String is the link without what opens the door.
func (l Link) String() string {
	return fmt.Sprintf("harbor.Link{ID:%d, LinkToken:%s}", l.ID, redact.Text)
}

// Format writes the link without what opens the door, whatever the verb.
func (l Link) Format(s fmt.State, verb rune) { redact.Format(s, verb, l.String()) }

// LogValue is the link without what opens the door.
func (l Link) LogValue() slog.Value { return slog.StringValue(l.String()) }

// UnmarshalJSON reads a request in either spelling of its keys. One without an id is
// refused.
func (l *Link) UnmarshalJSON(b []byte) error {
	var w struct {
		ID      wire.Int        `json:"id"`
		Locker  wire.Int        `json:"lockerId"`
		Locker2 wire.Int        `json:"locker_id"`
		Tower   wire.Text       `json:"towerId"`
		Tower2  wire.Text       `json:"tower_id"`
		Token   string          `json:"linkToken"`
		Token2  string          `json:"link_token"`
		Object  json.RawMessage `json:"locker"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	if !w.ID.Set {
		return &wire.ShapeError{Reason: "a Locker Open request has no id"}
	}
	*l = Link{
		ID:        w.ID.Value,
		Locker:    LockerRef{TowerID(cmp.Or(w.Tower, w.Tower2).Value).Normalize(), LockerID(first(w.Locker, w.Locker2).Value)},
		LinkToken: cmp.Or(w.Token, w.Token2),
		Raw:       append(json.RawMessage(nil), b...),
	}
	if locker := lockerBeside(w.Object); locker != nil {
		l.Locker.Locker = cmp.Or(l.Locker.Locker, locker.ID)
		l.Locker.Tower = cmp.Or(l.Locker.Tower, locker.Tower)
	}
	return nil
}

// Dropoff takes a free locker of the type at the location and makes the link that opens
// it (vendor page). When none is free the error matches ErrNoLockerAvailable, whatever
// its status: try a larger type.
//
// Not safe to repeat: each request takes another locker. After lockerline.ErrOutcomeUnknown, look at
// LockersService.Assigned for a locker that no delivery of yours knows.
func (s *LinksService) Dropoff(ctx context.Context, req DropoffLinkRequest, opts ...lockerline.CallOption) (*Link, error) {
	if err := check(opLinksDropoff, req.Location.problems(), positive("LockerTypeID", int64(req.Type))); err != nil {
		return nil, err
	}
	b := req.body()
	b.Location, b.Type, b.RequireLowLocker = &req.Location, &req.Type, &req.RequireLowLocker
	return s.create(ctx, opLinksDropoff, b, opts)
}

// Pickup makes the link that opens an occupied locker to take the parcel out (vendor
// page). It can be had only once the drop-off really happened (observed).
func (s *LinksService) Pickup(ctx context.Context, req PickupLinkRequest, opts ...lockerline.CallOption) (*Link, error) {
	if err := check(opLinksPickup, req.Locker.problems()); err != nil {
		return nil, err
	}
	b := req.body()
	b.Locker = &req.Locker
	return s.create(ctx, opLinksPickup, b, opts)
}

func (s *LinksService) create(ctx context.Context, id opID, b linkBody, opts []lockerline.CallOption) (*Link, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, &lockerline.ArgumentError{Op: operations[id].Name, Fields: []lockerline.FieldError{{Field: "Payload", Message: "cannot be encoded as JSON"}}}
	}
	out := &Link{}
	if _, err := s.c.call(ctx, id, transport.Call{Body: body, Out: out}, opts); err != nil {
		return nil, err
	}
	return out, nil
}

// Get returns a Locker Open request: at least which locker it is about (observed). Safe
// to repeat.
func (s *LinksService) Get(ctx context.Context, id int64, opts ...lockerline.CallOption) (*Link, error) {
	if err := check(opLinksGet, positive("id", id)); err != nil {
		return nil, err
	}
	return one[Link](ctx, s.c, opLinksGet, []string{fmt.Sprint(id)}, opts)
}

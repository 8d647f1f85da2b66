package alzabox

import (
	"context"
	"iter"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/callbacks"
)

// CouriersService manages who may open which boxes.
type CouriersService struct{ c *Client }

// Get returns a courier; lockerline.ErrNotFound when there is none. Safe to repeat.
func (s *CouriersService) Get(ctx context.Context, login string, opts ...lockerline.CallOption) (*Courier, error) {
	var bad faults
	bad.id("login", login, maxCode)
	q := fields("courier", nil, courierFields)
	q.Set("filter[login]", login)
	c, _, err := one[Courier](ctx, s.c, opCouriersGet, q, "courier", nil, bad, lockerline.NewCallConfig(opts))
	return c, err
}

// List returns a page of couriers; All reads every page. Safe to repeat.
func (s *CouriersService) List(ctx context.Context, p ListOptions, opts ...lockerline.CallOption) ([]Courier, error) {
	var bad faults
	bad.page(p)
	return list[Courier](ctx, s.c, opCouriersList, p.query("courier", courierFields), "couriers", bad, lockerline.NewCallConfig(opts))
}

// All yields every courier from p.Offset on, p.Limit at a time. A failure is yielded last.
func (s *CouriersService) All(ctx context.Context, p ListOptions, opts ...lockerline.CallOption) iter.Seq2[Courier, error] {
	return all(ctx, p, func(ctx context.Context, p ListOptions) ([]Courier, error) { return s.List(ctx, p, opts...) })
}

// Create adds a courier. Not safe to repeat: whether a login that exists is refused or
// overwritten is not documented, so after lockerline.ErrOutcomeUnknown Get it first.
func (s *CouriersService) Create(ctx context.Context, c Courier, opts ...lockerline.CallOption) (*Courier, error) {
	return s.write(ctx, opCouriersCreate, c, opts)
}

// Update replaces a courier as a whole: to change one thing, change what Get returned. A
// box that is left out is taken away; no boxes without AccessFull are no access at all,
// which is also how a courier is removed (the vendor's page says "no boxes" for both; the
// access tells them apart). The login cannot be changed. Safe to repeat, not against a
// second writer.
func (s *CouriersService) Update(ctx context.Context, c Courier, opts ...lockerline.CallOption) (*Courier, error) {
	return s.write(ctx, opCouriersUpdate, c, opts)
}

func (s *CouriersService) write(ctx context.Context, op *lockerline.Operation, c Courier, opts []lockerline.CallOption) (*Courier, error) {
	var bad faults
	bad.id("Login", c.Login, maxCode)
	bad.text("PIN", c.PIN.Reveal(), maxCode)
	access, role := c.Access.Or(""), c.Role.Or("")
	bad.add(access == "", "Access", "must be given: AlzaBox replaces the courier as a whole")
	bad.add(c.Boxes.IsAbsent(), "Boxes", "must be given: AlzaBox replaces the courier as a whole")
	bad.text("Role", string(role), maxCode)
	boxes := append([]BoxRef{}, c.Boxes.Or(nil)...)
	for i, b := range boxes {
		if b.ID != 0 {
			boxes[i].PID = "" // what Get returns has both
		}
		bad.box("Boxes", boxes[i])
	}
	wire := struct {
		Login  string        `json:"login"`
		PIN    string        `json:"pin,omitzero"`
		Access CourierAccess `json:"boxesAccessType"`
		Role   CourierRole   `json:"role,omitzero"`
		Boxes  []BoxRef      `json:"boxes"`
	}{c.Login, c.PIN.Reveal(), access, role, boxes}
	out, _, err := one[Courier](ctx, s.c, op, fields("courier", nil, courierFields), "courier", map[string]any{"courier": wire}, bad, lockerline.NewCallConfig(opts))
	return out, err
}

var courierFields = []string{"boxes", "boxesAccessType", "role"}

// Courier may open boxes. Attributes that were not asked for are absent.
type Courier struct {
	Login  string                            `json:"-"` // the partner's choice, up to 30 characters; the locker ignores its case
	PIN    lockerline.Secret                 `json:"-"` // up to 30 characters; the locker ignores its case
	Access callbacks.Optional[CourierAccess] `json:"boxesAccessType"`
	Role   callbacks.Optional[CourierRole]   `json:"role"`
	Boxes  callbacks.Optional[[]BoxRef]      `json:"boxes"` // null is none
}

// UnmarshalJSON reads the wire's form.
func (c *Courier) UnmarshalJSON(raw []byte) error {
	type attributes Courier
	*c = Courier{}
	top := struct {
		Login *string            `json:"login"`
		PIN   *lockerline.Secret `json:"pin"`
	}{&c.Login, &c.PIN}
	return nested(raw, &top, (*attributes)(c))
}

func (c Courier) identity() string { return c.Login }

func (Courier) unknown(func(field, value string)) {}

// CourierAccess says which boxes a courier may open. The set is open.
type CourierAccess string

// The accesses that are known.
const (
	CourierAccessSpecific CourierAccess = "SPECIFIC" // those listed
	CourierAccessFull     CourierAccess = "FULL"     // all, without a list
)

// CourierRole says what a courier may do. The set is open.
type CourierRole string

// The roles that are known.
const (
	CourierRoleDeliveryAndPickup CourierRole = "DELIVERY_AND_PICKUP"
	CourierRoleDeliveryOnly      CourierRole = "DELIVERY_ONLY"
)

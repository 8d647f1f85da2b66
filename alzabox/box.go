package alzabox

import (
	"context"
	"iter"
	"strconv"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/callbacks"
)

// BoxesService reads the partner's boxes and names them. All of it is safe to repeat.
type BoxesService struct{ c *Client }

// Get returns a box with all its attributes; lockerline.ErrNotFound when there is none, or
// when it belongs to another partner (which of the two is not documented).
func (s *BoxesService) Get(ctx context.Context, box BoxRef, opts ...lockerline.CallOption) (*Box, error) {
	var bad faults
	bad.box("box", box)
	q := fields("box", nil, boxFields)
	if box.PID != "" {
		q.Set("filter[pid]", box.PID)
	} else {
		q.Set("filter[id]", strconv.Itoa(box.ID))
	}
	b, _, err := one[Box](ctx, s.c, opBoxesGet, q, "box", nil, bad, lockerline.NewCallConfig(opts))
	return b, err
}

// List returns a page of boxes; All reads every page.
func (s *BoxesService) List(ctx context.Context, p ListOptions, opts ...lockerline.CallOption) ([]Box, error) {
	var bad faults
	bad.page(p)
	return list[Box](ctx, s.c, opBoxesList, p.query("box", boxFields), "boxes", bad, lockerline.NewCallConfig(opts))
}

// All yields every box from p.Offset on, p.Limit at a time. A failure is yielded last.
func (s *BoxesService) All(ctx context.Context, p ListOptions, opts ...lockerline.CallOption) iter.Seq2[Box, error] {
	return all(ctx, p, func(ctx context.Context, p ListOptions) ([]Box, error) { return s.List(ctx, p, opts...) })
}

// Update gives a box the partner's own name, which nothing else can be changed of. Whether
// AlzaBox can clear a name is not documented, so an empty one is refused.
func (s *BoxesService) Update(ctx context.Context, id int, pid string, opts ...lockerline.CallOption) (*Box, error) {
	var bad faults
	bad.add(id == 0, "id", "must not be 0")
	bad.id("pid", pid, maxID)
	data := map[string]any{"box": map[string]any{"id": id, "pid": pid}}
	b, _, err := one[Box](ctx, s.c, opBoxesUpdate, fields("box", nil, boxFields), "box", data, bad, lockerline.NewCallConfig(opts))
	return b, err
}

// BoxRef names a box by AlzaBox's number or by the partner's own name. An answer has both.
type BoxRef struct {
	ID  int    `json:"id,omitzero"`
	PID string `json:"pid,omitzero"` // up to 100 characters; empty when none was given
}

var boxFields = []string{"name", "available", "address", "gps", "description", "openingHours", "photos", "slots", "occupancy", "deliveryPin"}

// Box is a wall of compartments. Every attribute is absent when it was not asked for, and
// null when the box has none (the difference is inferred from the vendor's pages).
type Box struct {
	BoxRef       `json:"-"`
	Name         callbacks.Optional[string]            `json:"name"`
	Available    callbacks.Optional[bool]              `json:"available"`
	Address      callbacks.Optional[Address]           `json:"address"`
	GPS          callbacks.Optional[lockerline.LatLng] `json:"gps"`
	Description  callbacks.Optional[string]            `json:"description"`  // where it stands, in the local language
	OpeningHours callbacks.Optional[[]OpeningHours]    `json:"openingHours"` // null is none
	Photos       callbacks.Optional[Photos]            `json:"photos"`
	Slots        callbacks.Optional[[]Slot]            `json:"slots"`
	Occupancy    callbacks.Optional[float64]           `json:"occupancy"` // per cent, parcels and reservations (observed)
	// DeliveryPIN opens all boxes for a courier without parcels, until midnight (observed).
	DeliveryPIN callbacks.Optional[lockerline.Secret] `json:"deliveryPin"`
}

// UnmarshalJSON reads the wire's form.
func (b *Box) UnmarshalJSON(raw []byte) error {
	type attributes Box
	*b = Box{}
	return nested(raw, &b.BoxRef, (*attributes)(b))
}

func (b Box) identity() string {
	if b.ID == 0 {
		return ""
	}
	return strconv.Itoa(b.ID)
}

func (Box) unknown(func(field, value string)) {}

// Address is the postal address of a box.
type Address struct {
	Street  string `json:"streetWithNumber"`
	City    string `json:"city"`
	Zip     string `json:"zip"`
	Country string `json:"countryShortCode"` // ISO 3166-1 alpha-2
}

// OpeningHours are one day's, by the clock on the wall (inferred).
type OpeningHours struct {
	Day   string `json:"day"`   // such as "TUESDAY"
	Open  string `json:"open"`  // such as "00:00:00"
	Close string `json:"close"` // such as "23:59:59"
}

// Photos are addresses of pictures.
type Photos struct {
	Main       string   `json:"main"`
	Additional []string `json:"additional"`
}

// Dimensions are in centimetres.
type Dimensions struct {
	Depth  float64 `json:"depth"`
	Height float64 `json:"height"`
	Width  float64 `json:"width"`
}

// Slot is a kind of compartment of a box.
type Slot struct {
	Dimensions
	Count int    `json:"count"`
	Type  string `json:"type"` // such as "Extra Small"; open
	ID    int    `json:"slotId"`
	// Size, such as "XS", and Used are of a proposal of the vendor's: nil unless they come.
	Size *string `json:"size"`
	Used *int    `json:"used"`
}

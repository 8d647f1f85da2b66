package foxtrot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// DCsService reads distribution centres.
type DCsService struct{ c *Client }

// List returns every DC that the key may see, in one answer: over 200 in all parts of the
// world were seen with one key, so choose yours before asking each of them for anything.
// It is also the cheapest check of the key. Safe to repeat.
func (s *DCsService) List(ctx context.Context, opts ...lockerline.CallOption) ([]DC, error) {
	return list[DC](ctx, s.c, opDCsList, "dcs", absentNull, nil, opts)
}

// DC is a distribution centre: a warehouse and the routes, drivers and customers that
// belong to it.
type DC struct {
	ID       DCID   `json:"id"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"` // IANA name, such as "America/Bogota"; see Zone
}

// Zone returns the time zone of the DC and its customers; UTC and false when there is none
// or this system does not know its name. Names of the IANA database are understood, and
// offsets such as "UTC-05:00".
//
// A program for machines without a time zone database imports time/tzdata.
func (d DC) Zone() (*time.Location, bool) { return wire.Zone(d.TimeZone) }

// UnmarshalJSON reads the wire's form.
func (d *DC) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID       wire.Text `json:"id"`
		Name     wire.Text `json:"name"`
		TimeZone wire.Text `json:"time_zone"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*d = DC{DCID(w.ID.Value), w.Name.Value, w.TimeZone.Value}
	return nil
}

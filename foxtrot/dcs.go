package foxtrot

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// DCsService reads distribution centres.
type DCsService struct{ c *Client }

// List returns every DC the key may see, in one answer: over 200 from all over the world
// were seen with one key, so pick those you serve before asking each for anything. It is
// also the cheapest way to find out whether the key is good. Safe to repeat.
func (s *DCsService) List(ctx context.Context, opts ...CallOption) ([]DC, error) {
	return list[DC](ctx, s.c, opDCsList, "dcs", absentNull, nil, opts)
}

// DC is a distribution centre: the warehouse and everything that starts from it.
type DC struct {
	ID       DCID   `json:"id"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"` // IANA name, such as "America/Bogota"; see Zone
}

// Zone returns the DC's time zone, in which its customers read a clock. Names of the IANA
// database are understood, and offsets such as "UTC-05:00". Otherwise it returns an error,
// and time.UTC beside it, so that a caller who must show something can ignore it.
//
// A program for machines without a time zone database imports time/tzdata.
func (d DC) Zone() (*time.Location, error) {
	name := strings.ReplaceAll(strings.TrimSpace(d.TimeZone), " ", "_")
	if name == "" || strings.EqualFold(name, "local") {
		return time.UTC, errors.New("foxtrot: the DC has no time zone; UTC is used")
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc, nil
	}
	if s, ok := offset(name); ok {
		return time.FixedZone(name, s), nil
	}
	return time.UTC, errors.New("foxtrot: the DC's time zone is not known here; UTC is used")
}

// offset reads "UTC-05:00", "GMT+2", "+0530" or "-3" as seconds east of Greenwich.
func offset(name string) (int, bool) {
	name = strings.ToUpper(name)
	name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "UTC"), "GMT"), "_")
	if len(name) < 2 || name[0] != '+' && name[0] != '-' {
		return 0, false
	}
	digits := strings.Replace(name[1:], ":", "", 1)
	if len(digits) < 3 {
		digits += "00"
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n/100 > 14 || n%100 > 59 {
		return 0, false
	}
	s := int(n/100)*3600 + int(n%100)*60
	if name[0] == '-' {
		s = -s
	}
	return s, true
}

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

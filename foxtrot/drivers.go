package foxtrot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// DriversService reads drivers. All of its operations are reads and safe to repeat.
type DriversService struct{ c *Client }

func driverArgs(dc DCID, id DriverID) []arg {
	return []arg{{"dc", string(dc)}, {"driver", string(id)}}
}

// Get returns a driver; ErrNotFound when there is none of that id.
func (s *DriversService) Get(ctx context.Context, dc DCID, id DriverID, opts ...CallOption) (Driver, error) {
	return get[Driver](ctx, s.c, opDriversGet, "driver", driverArgs(dc, id), opts)
}

// Location returns where the driver's phone was last: ErrNoLocation when it never
// reported, ErrNotFound when there is no such driver.
func (s *DriversService) Location(ctx context.Context, dc DCID, id DriverID, opts ...CallOption) (DriverLocation, error) {
	cs := settingsOf(opts)
	var out driverLocation
	res, err := s.c.call(ctx, opDriversLocation, driverArgs(dc, id), nil,
		&keyed[driverLocation]{key: "driver_location", out: &out, absent: absentMissing}, &cs)
	switch {
	case err != nil:
		return DriverLocation{}, err
	case out.at == nil:
		return DriverLocation{}, outcome(opDriversLocation, res, ErrNoLocation, "the driver has never reported a location")
	}
	return DriverLocation{*out.at, out.reported}, nil
}

// Driver drives a truck.
type Driver struct {
	ID   DriverID `json:"id"`
	Name string   `json:"name"`
	// LoginToken is what the driver logs in to Foxtrot's mobile SDK with. Hand it to that
	// driver's app alone.
	LoginToken Secret `json:"login_token"`
}

// UnmarshalJSON reads the wire's form.
func (d *Driver) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID         wire.Text `json:"id"`
		Name       wire.Text `json:"name"`
		LoginToken Secret    `json:"login_token"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*d = Driver{DriverID(w.ID.Value), w.Name.Value, w.LoginToken}
	return nil
}

func (d *Driver) incomplete() string {
	if d.ID == "" {
		return "an id"
	}
	return ""
}

// DriverLocation is where a driver was, and when.
type DriverLocation struct {
	Location
	At *time.Time `json:"timestamp"` // nil when not said
}

// driverLocation is the wire's form.
type driverLocation struct {
	at       *Location
	reported *time.Time
}

func (l *driverLocation) UnmarshalJSON(raw []byte) error {
	var w struct {
		Timestamp wire.Time `json:"timestamp"`
		Location  place     `json:"location"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*l = driverLocation{w.Location.at, w.Timestamp.Ptr()}
	return nil
}

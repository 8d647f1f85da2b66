package foxtrot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// DriversService reads drivers. All of its operations are reads and safe to repeat.
type DriversService struct{ c *Client }

func driverArgs(dc DCID, id DriverID) []arg {
	return []arg{{"dc", string(dc)}, {"driver", string(id)}}
}

// Get returns a driver; lockerline.ErrNotFound when there is none of that id.
func (s *DriversService) Get(ctx context.Context, dc DCID, id DriverID, opts ...lockerline.CallOption) (*Driver, error) {
	return one[Driver](ctx, s.c, opDriversGet, "driver", driverArgs(dc, id), nil, opts)
}

// Location returns the last location of the driver's phone: ErrNoLocation when it never
// reported one, lockerline.ErrNotFound when there is no such driver.
func (s *DriversService) Location(ctx context.Context, dc DCID, id DriverID, opts ...lockerline.CallOption) (*DriverLocation, error) {
	cfg := lockerline.NewCallConfig(opts)
	var out driverLocation
	res, err := s.c.call(ctx, opDriversLocation, driverArgs(dc, id), nil,
		&keyed[driverLocation]{key: "driver_location", out: &out, absent: absentMissing}, cfg)
	switch {
	case err != nil:
		return nil, err
	case out.Location.at == nil:
		return nil, s.c.outcome(opDriversLocation, res, ErrNoLocation)
	}
	return &DriverLocation{*out.Location.at, out.Timestamp.Ptr()}, nil
}

// driverLocation is the wire's form of a DriverLocation.
type driverLocation struct {
	Timestamp wire.Time `json:"timestamp"`
	Location  place     `json:"location"`
}

// Driver drives a truck.
type Driver struct {
	ID   DriverID `json:"id"`
	Name string   `json:"name"`
	// LoginToken logs the driver in to Foxtrot's mobile SDK. Give it to the app of that
	// driver alone.
	LoginToken lockerline.Secret `json:"login_token"`
}

// UnmarshalJSON reads the wire's form.
func (d *Driver) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID         wire.Text         `json:"id"`
		Name       wire.Text         `json:"name"`
		LoginToken lockerline.Secret `json:"login_token"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*d = Driver{DriverID(w.ID.Value), w.Name.Value, w.LoginToken}
	return nil
}

func (d *Driver) identified() bool { return d.ID != "" }

// DriverLocation says where a driver was, and when.
type DriverLocation struct {
	lockerline.LatLng
	At *time.Time `json:"timestamp"` // nil when not said
}

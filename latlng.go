package lockerline

// LatLng is a point on earth in degrees, north and east positive. Points that a service
// returned are as they came: signs and ranges are not checked.
type LatLng struct {
	Lat float64 `json:"latitude"`
	Lng float64 `json:"longitude"`
}

// IsZero reports whether the point is (0, 0), which lies in the sea off Africa and is most
// likely a placeholder for an unknown position.
func (p LatLng) IsZero() bool { return p == LatLng{} }

// Valid reports whether the point lies on earth.
func (p LatLng) Valid() bool {
	return -90 <= p.Lat && p.Lat <= 90 && -180 <= p.Lng && p.Lng <= 180
}

package harbortest

import (
	"cmp"
	"math"
	"slices"
)

const defaultPage = 100

func (s *Server) listLocations(c *call) reply {
	skip, limit := c.queryInt("skip", 0), c.queryInt("limit", defaultPage)
	if c.problems != nil {
		return invalid(c.problems)
	}
	page := s.sites[min(skip, len(s.sites)):]
	page = page[:min(limit, len(page))]
	out := make([]Location, len(page))
	for i, st := range page {
		out[i] = st.Location
	}
	return s.list(out)
}

// closestLocation answers null when no location is in range.
func (s *Server) closestLocation(c *call) reply {
	lat, lon, radius := c.queryFloat("lat"), c.queryFloat("lon"), c.queryFloat("radius")
	keypad, mine := c.queryBool("hasKeypad"), c.queryBool("ownedByMe")
	if c.problems != nil {
		return invalid(c.problems)
	}
	reach := radius * cmp.Or(s.quirks.RadiusMetres, metresPerDegree)
	var best *site
	for _, st := range s.sites {
		if st.Lat == nil || !mine.allows(st.Owner == c.token.client) ||
			!keypad.allows(slices.ContainsFunc(st.Towers, func(t Tower) bool { return t.Keypad })) {
			continue
		}
		if d := distance(lat, lon, *st.Lat, *st.Lon); d <= reach {
			best, reach = st, math.Nextafter(d, 0)
		}
	}
	if best == nil {
		return ok(null{})
	}
	return ok(best.Location)
}

const (
	earthRadius     = 6_371_000.0
	metresPerDegree = earthRadius * math.Pi / 180
)

// distance is the great-circle distance in metres.
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	a := math.Pow(math.Sin(rad(lat2-lat1)/2), 2) +
		math.Cos(rad(lat1))*math.Cos(rad(lat2))*math.Pow(math.Sin(rad(lon2-lon1)/2), 2)
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(a)))
}

// locationsInArea takes any two opposite corners.
func (s *Server) locationsInArea(c *call) reply {
	lat1, lon1 := c.queryPoint("start")
	lat2, lon2 := c.queryPoint("end")
	if c.problems != nil {
		return invalid(c.problems)
	}
	out := []any{}
	for _, st := range s.sites {
		if st.Lat != nil && between(*st.Lat, lat1, lat2) && between(*st.Lon, lon1, lon2) {
			out = append(out, s.areaItem(st))
		}
	}
	return s.list(out)
}

func between(v, a, b float64) bool { return v >= min(a, b) && v <= max(a, b) }

func (s *Server) areaItem(st *site) any {
	free := availability(st.allLockers())
	switch s.quirks.AreaShape {
	case AreaFlat:
		return struct {
			Location
			availabilityJSON
		}{st.Location, free}
	case AreaSplit:
		return map[string]any{"location": st.Location, "availability": free}
	}
	return struct {
		Location
		Availability availabilityJSON `json:"availability"`
	}{st.Location, free}
}

func (*Server) getLocation(_ *call, st *site) reply {
	return ok(st.Location)
}

func (*Server) locationAvailability(_ *call, st *site) reply {
	return ok(availability(st.allLockers()))
}

func (s *Server) locationLockers(_ *call, st *site) reply {
	return s.list(s.lockerList(st.allLockers()))
}

func (s *Server) listLockerTypes(*call) reply {
	out := []LockerType{}
	for _, st := range s.sites {
		for _, l := range st.allLockers() {
			if t := l.Type; !slices.ContainsFunc(out, func(o LockerType) bool { return o.ID == t.ID }) {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, func(a, b LockerType) int { return cmp.Compare(a.ID, b.ID) })
	return s.list(out)
}

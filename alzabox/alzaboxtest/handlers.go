package alzaboxtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// request is what a handler needs. It runs while the server's mutex is held.
type request struct {
	*lockerlinetest.Call
	query url.Values
	now   time.Time
}

type response = lockerlinetest.Response

var handlers = map[string]func(*Server, request) response{
	"boxes.get": func(s *Server, r request) response {
		b := s.findBox(alzabox.BoxRef{ID: number(r.query.Get("filter[id]")), PID: r.query.Get("filter[pid]")})
		if b == nil {
			return notFound("Box")
		}
		return ok(map[string]any{"box": boxWire(b, r)})
	},
	"boxes.list": func(s *Server, r request) response {
		return ok(map[string]any{"boxes": page(r, 100, s.boxes, boxWire)})
	},
	"boxes.update": func(s *Server, r request) response {
		var in struct{ Data struct{ Box alzabox.BoxRef } }
		b := s.findBox(alzabox.BoxRef{ID: decode(r, &in).Data.Box.ID})
		if b == nil {
			return notFound("Box")
		}
		b.PID = in.Data.Box.PID
		return ok(map[string]any{"box": boxWire(b, r)})
	},
	"couriers.get": func(s *Server, r request) response {
		i := s.findCourier(r.query.Get("filter[login]"))
		if i < 0 {
			return notFound("Courier")
		}
		return ok(map[string]any{"courier": courierWire(s.couriers[i], r)})
	},
	"couriers.list": func(s *Server, r request) response {
		return ok(map[string]any{"couriers": page(r, 100, s.couriers, courierWire)})
	},
	"couriers.create": func(s *Server, r request) response {
		c := decodeCourier(r)
		if s.findCourier(c.Login) >= 0 {
			return fail(http.StatusBadRequest, "", "BAD_REQUEST", "courier exists already")
		}
		s.couriers = append(s.couriers, c)
		return ok(courierWire(c, r))
	},
	"couriers.update": func(s *Server, r request) response {
		c := decodeCourier(r)
		i := s.findCourier(c.Login)
		if i < 0 {
			return notFound("Courier")
		}
		s.couriers[i] = c
		return ok(courierWire(c, r))
	},
	"reservations.get": func(s *Server, r request) response {
		found := s.reservations[r.query.Get("filter[id]")]
		if found == nil {
			return ok(map[string]any{"reservation": nil})
		}
		return ok(map[string]any{"reservation": reservationWire(found, r)})
	},
	"reservations.list":   listReservations,
	"reservations.create": createReservation,
	"reservations.update": updateReservation,
	"reservations.store": func(s *Server, r request) response {
		var in struct {
			Data struct {
				Reservation struct{ Attributes alzabox.StoreRequest }
			}
		}
		a := decode(r, &in).Data.Reservation.Attributes
		box := s.findBox(alzabox.BoxRef{ID: number(a.QRCode[max(0, len(a.QRCode)-len("00")):])})
		if box == nil || !s.bringIn(box, a.AlzaPortCode, r.now) {
			return ok(map[string]any{"success": false, "state": nil, "errorMessage": "no compartment"})
		}
		return ok(map[string]any{"success": true, "state": alzabox.PackageStatePutIn, "errorMessage": nil})
	},
}

func notFound(what string) response {
	return fail(http.StatusNotFound, "", "NOT_FOUND", what+" not found!")
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func decode[T any](r request, into *T) *T {
	_ = json.Unmarshal(r.Body, into) // a body that is not JSON asks for nothing
	return into
}

// page renders one page of a list.
func page[T any](r request, limit int, rows []T, wire func(T, request) any) []any {
	if n := number(r.query.Get("page[limit]")); n > 0 {
		limit = n
	}
	from := min(number(r.query.Get("page[offset]")), len(rows))
	out := []any{}
	for _, row := range rows[from:min(from+limit, len(rows))] {
		out = append(out, wire(row, r))
	}
	return out
}

// attributes renders a record without the optional members that were not asked for.
func attributes(v any, asked, optional []string) map[string]any {
	raw, _ := json.Marshal(v)
	m := map[string]any{}
	_ = json.Unmarshal(raw, &m)
	for _, name := range optional {
		if !slices.Contains(asked, name) {
			delete(m, name)
		}
	}
	return m
}

func boxWire(b *alzabox.Box, r request) any {
	m := attributes(b, r.query["fields[box]"], []string{"name", "available", "address", "gps", "description", "openingHours", "photos", "slots", "occupancy", "deliveryPin"})
	return map[string]any{"id": b.ID, "pid": b.PID, "attributes": m}
}

func courierWire(c alzabox.Courier, r request) any {
	m := attributes(c, r.query["fields[courier]"], []string{"boxes", "boxesAccessType", "role"})
	return map[string]any{"login": c.Login, "pin": c.PIN.Reveal(), "attributes": m}
}

func decodeCourier(r request) alzabox.Courier {
	type flat alzabox.Courier // without the method that reads an answer
	var in struct {
		Data struct {
			Courier struct {
				Login, Pin string
				flat
			}
		}
	}
	c := decode(r, &in).Data.Courier
	c.flat.Login, c.PIN = c.Login, lockerline.NewSecret(c.Pin)
	return alzabox.Courier(c.flat)
}

func reservationWire(v *reservation, r request) any {
	m := attributes(v.Reservation, r.query["fields[reservation]"], []string{
		"blocked", "openerKey", "docNumber", "flowType", "prereservationExpirationDate", "nextReservationTimes", "maxDeliveryHeight",
	})
	m["pin"] = v.PIN.Reveal()
	if m["openerKey"] != nil {
		m["openerKey"] = v.OpenerKey.Or(lockerline.Secret{}).Reveal()
	}
	return map[string]any{"id": v.ID, "attributes": m, "relationships": map[string]any{"box": v.Box}}
}

func listReservations(s *Server, r request) response {
	var rows []*reservation
	for _, id := range s.order {
		v := s.reservations[id]
		ids, status, code, blocked := r.query["filter[id]"], r.query.Get("filter[status]"), r.query.Get("filter[barcode]"), r.query.Get("filter[blocked]")
		if (len(ids) == 0 || slices.Contains(ids, id)) && (status == "" || status == string(v.Status)) &&
			(code == "" || slices.ContainsFunc(v.Packages, func(p alzabox.Package) bool { return p.Barcode == code })) &&
			(blocked == "" || blocked == strconv.FormatBool(v.Blocked.Or(false))) {
			rows = append(rows, v)
		}
	}
	return ok(map[string]any{"reservations": page(r, 20, rows, reservationWire)})
}

func createReservation(s *Server, r request) response {
	var in struct {
		Data struct {
			Reservation struct {
				ID         string
				Attributes struct {
					alzabox.ReservationRequest
					Pin string
				}
				Relationships struct{ Box alzabox.BoxRef }
			}
		}
	}
	d := decode(r, &in).Data.Reservation
	a := d.Attributes.ReservationRequest
	box := s.findBox(d.Relationships.Box)
	switch _, exists := s.reservations[d.ID]; {
	case exists:
		return fail(http.StatusConflict, "", string(alzabox.CodeConflict), "Reservation with Id:"+d.ID+" already exists")
	case box == nil:
		return notFound("Box")
	case d.ID == "" || len(a.Packages)+len(a.Products) == 0 || a.Expiration.Or(time.Time{}).IsZero():
		return fail(http.StatusBadRequest, "", "BAD_REQUEST", "invalid request")
	}
	for _, p := range a.Products {
		for range p.Quantity {
			a.Packages = append(a.Packages, alzabox.Package{Dimensions: p.Dimensions})
		}
	}
	v := s.newReservation(d.ID, box, r.now)
	v.Times, v.Packages, v.Payment, v.want = a.Times, a.Packages, a.Payment, append([]alzabox.Times{a.Times}, a.NextTimes...)
	v.Blocked = callbacks.Some(a.Blocked.Or(false))
	if len(a.NextTimes) > 0 {
		v.NextTimes = callbacks.Some(a.NextTimes)
	}
	if a.Type != "" {
		v.Type = a.Type
	}
	if a.DocNumber != "" {
		v.DocNumber = callbacks.Some(a.DocNumber)
	}
	if d.Attributes.Pin != "" {
		v.PIN = lockerline.NewSecret(d.Attributes.Pin)
	}
	for i := range v.Packages {
		v.Packages[i].State = alzabox.PackageStateDispatched
	}
	if code := s.place(v, false, r.now); code != "" {
		return fail(http.StatusBadRequest, code, "BAD_REQUEST", "no compartment")
	}
	s.reservations[v.ID] = v
	s.order = append(s.order, v.ID)
	return ok(reservationWire(v, r))
}

func updateReservation(s *Server, r request) response {
	var in struct {
		Data struct {
			Reservation struct {
				ID         string
				Attributes alzabox.ReservationUpdate
			}
		}
	}
	d := decode(r, &in).Data.Reservation
	v, a := s.reservations[d.ID], d.Attributes
	switch {
	case v == nil:
		return notFound("Reservation")
	case v.Status.Terminal() || a.Status != "" && a.Status != callbacks.StatusCanceled && a.Status != callbacks.StatusStocked && a.Status != callbacks.StatusStockedLocked:
		return fail(http.StatusConflict, "", "CONFLICT", "the status does not allow it")
	case !a.PrereservationExpiration.IsAbsent() && v.PrereservationExpiration.IsAbsent():
		return fail(http.StatusBadRequest, "", "BAD_REQUEST", "not a prereservation")
	}
	if next, had := v.NextTimes.Get(); had {
		for _, t := range a.NextTimes {
			start := t.Start.Or(time.Time{})
			if !slices.ContainsFunc(next, func(n alzabox.Times) bool { return n.Start.Or(time.Time{}).Equal(start) }) {
				return fail(http.StatusBadRequest, "", "BAD_REQUEST", "a new next time")
			}
		}
		v.NextTimes = callbacks.Some(append([]alzabox.Times{}, a.NextTimes...)) // what is not sent again is lost
		v.want = append([]alzabox.Times{v.want[0]}, a.NextTimes...)
	}
	if b, given := a.Blocked.Get(); given {
		v.Blocked = callbacks.Some(b)
	}
	if !a.Start.IsAbsent() {
		v.Start = a.Start
	}
	if !a.Expiration.IsAbsent() {
		v.Expiration = a.Expiration
	}
	if a.Payment != nil {
		v.Payment = a.Payment
	}
	switch a.Status {
	case callbacks.StatusCanceled:
		v.Status, v.held = a.Status, nil
	case callbacks.StatusStocked, callbacks.StatusStockedLocked:
		v.Blocked = callbacks.Some(a.Status == callbacks.StatusStockedLocked)
	}
	s.settle(r.now)
	return ok(reservationWire(v, r))
}

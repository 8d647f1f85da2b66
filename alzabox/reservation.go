package alzabox

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/callbacks"
)

// Times are a time slot. As an argument an absent member stays as it is, and null is sent;
// what null does at AlzaBox is not documented. In an answer null means that there is none.
// Times are sent in UTC; one without a zone is read as UTC.
type Times struct {
	Start      callbacks.Optional[time.Time] `json:"startReservationDate,omitzero"`
	Expiration callbacks.Optional[time.Time] `json:"expirationDate,omitzero"`
	// PrereservationExpiration, when given, lets the reservation wait in a queue that long
	// while the box is full.
	PrereservationExpiration callbacks.Optional[time.Time] `json:"prereservationExpirationDate,omitzero"`
}

// Package is a parcel. AlzaBox finds it by its barcode.
type Package struct {
	Dimensions
	Barcode      string       `json:"barcode,omitzero"`      // up to 200 characters
	Requirements Requirements `json:"requirements,omitzero"` // not in an answer
	// State and TemperatureRegulation are in an answer alone.
	State                 PackageState `json:"packageState,omitzero"`
	TemperatureRegulation string       `json:"requiredTemperatureRegulation,omitzero"` // such as "CONTROL"; open
}

// Requirements bound the compartment of a package or product.
type Requirements struct {
	MaxSlotSize string `json:"maxSlotSize,omitzero"` // such as "M"; open
}

// PackageState is the state of one package, spelled as the wire spells it. The set is open.
type PackageState string

// The package states of the vendor's document.
const (
	PackageStateNew         PackageState = "NEW"
	PackageStateDispatched  PackageState = "DISPATCHED" // right after a create (observed)
	PackageStatePutIn       PackageState = "PUTTED_IN_BY_SHIPPER"
	PackageStateTakenBack   PackageState = "TAKEN_OUT_BY_SHIPPER"
	PackageStatePickedUp    PackageState = "TAKEN_OUT_BY_CUSTOMER"
	PackageStateNotFound    PackageState = "NOT_FOUND_BY_SHIPPER"
	PackageStateCouldNotPut PackageState = "COULD_NOT_BE_PUTTED_IN"
)

// Known reports whether this version knows the state.
func (s PackageState) Known() bool {
	return slices.Contains([]PackageState{
		PackageStateNew, PackageStateDispatched, PackageStatePutIn, PackageStateTakenBack, PackageStatePickedUp, PackageStateNotFound, PackageStateCouldNotPut,
	}, s)
}

// Product stands for packages that are not known yet; a package with a barcode must follow.
type Product struct {
	Dimensions
	Quantity     int          `json:"quantity"`
	Code         string       `json:"code,omitzero"`   // up to 30 characters
	Weight       float64      `json:"weight,omitzero"` // kilograms
	Requirements Requirements `json:"requirements,omitzero"`
}

// Payment is what the customer pays at the box.
type Payment struct {
	Price          float64      `json:"price"`
	Currency       string       `json:"currency,omitzero"`       // ISO 4217
	VariableSymbol string       `json:"variableSymbol,omitzero"` // up to 10 characters
	State          PaymentState `json:"paymentState,omitzero"`
}

// PaymentState says whether the customer pays. The set is open. Whether PaymentStatePaid
// unblocks a parcel is not documented: see ReservationsService.Unblock.
type PaymentState string

// The payment states of the vendor's document.
const (
	PaymentStateDoNotPay PaymentState = "DO_NOT_PAY"
	PaymentStateToPay    PaymentState = "TO_PAY"
	PaymentStatePaid     PaymentState = "PAID"
)

// ReservationType says when a compartment is held. The set is open.
type ReservationType string

// The types of the vendor's document; the meanings are inferred.
const (
	ReservationTypeImmediate  ReservationType = "IMMEDIATE"   // from now on; the service's default
	ReservationTypeTime       ReservationType = "TIME"        // within a time slot
	ReservationTypeNonBinding ReservationType = "NON_BINDING" // nothing is held
	ReservationTypeStatic     ReservationType = "STATIC"      // only the name is documented
)

// Known reports whether this version knows the type.
func (t ReservationType) Known() bool {
	return slices.Contains([]ReservationType{ReservationTypeImmediate, ReservationTypeTime, ReservationTypeNonBinding, ReservationTypeStatic}, t)
}

// Reservation is a place for parcels in a box. The service has neither a time of change nor
// a history nor an error state of it. Members that say "asked" are absent when they were not
// asked for, and null when the reservation has none.
type Reservation struct {
	// ID is the partner's own or, of an INLET reservation, AlzaBox's.
	ID  string `json:"-"`
	Box BoxRef `json:"-"`
	Times
	Status    callbacks.Status              `json:"status"`
	Type      ReservationType               `json:"type"`
	CreatedAt callbacks.Optional[time.Time] `json:"createdAt"`
	Packages  []Package                     `json:"packages"`
	Payment   *Payment                      `json:"paymentData"` // nil: none
	PIN       lockerline.Secret             `json:"pin"`         // the customer's, for the pick-up; empty after a return (observed)
	// Blocked is asked. STOCKED with Blocked is what STOCKED_LOCKED was: read EffectiveStatus.
	Blocked   callbacks.Optional[bool]               `json:"blocked"`
	OpenerKey callbacks.Optional[lockerline.Secret]  `json:"openerKey"` // asked; AlzaBox's own id
	DocNumber callbacks.Optional[string]             `json:"docNumber"` // asked; the id when none was given (observed)
	FlowType  callbacks.Optional[callbacks.FlowType] `json:"flowType"`  // asked
	// NextTimes is asked: further slots of a prereservation, in the order of preference.
	NextTimes         callbacks.Optional[[]Times] `json:"nextReservationTimes"`
	MaxDeliveryHeight callbacks.Optional[int]     `json:"maxDeliveryHeight"` // asked; centimetres
}

var reservationFields = []string{"blocked", "openerKey", "docNumber", "flowType", "prereservationExpirationDate", "nextReservationTimes", "maxDeliveryHeight"}

// UnmarshalJSON reads the wire's form.
func (r *Reservation) UnmarshalJSON(raw []byte) error {
	type attributes Reservation
	*r = Reservation{}
	var top struct {
		ID            *string `json:"id"`
		Relationships struct {
			Box *BoxRef `json:"box"`
		} `json:"relationships"`
	}
	top.ID, top.Relationships.Box = &r.ID, &r.Box
	return nested(raw, &top, (*attributes)(r))
}

func (r Reservation) identity() string { return r.ID }

func (r Reservation) unknown(report func(field, value string)) {
	word(report, "status", r.Status)
	word(report, "type", r.Type)
	word(report, "flowType", r.FlowType.Or(""))
	for _, p := range r.Packages {
		word(report, "packageState", p.State)
	}
}

func word[T interface {
	~string
	Known() bool
}](report func(field, value string), field string, w T) {
	if w != "" && !w.Known() {
		report(field, string(w))
	}
}

// EffectiveStatus is Status with the block taken in: STOCKED and blocked is STOCKED_LOCKED.
// Which of the two AlzaBox answers is not documented, so both read alike.
func (r Reservation) EffectiveStatus() callbacks.Status {
	return callbacks.ReservationChange{Status: r.Status, Blocked: r.Blocked}.EffectiveStatus()
}

// Waits reports that no compartment is held yet: a prereservation in the queue, or a
// reservation just created. A callback tells how a prereservation goes on.
func (r Reservation) Waits() bool {
	return r.Status == callbacks.StatusPrereserved || r.Status == callbacks.StatusNew
}

// ReservationRequest is a reservation to make.
type ReservationRequest struct {
	ID  string `json:"-"` // the partner's choice, up to 100 characters
	Box BoxRef `json:"-"` // by ID or by PID
	// Times: Expiration is needed, Start as well for ReservationTypeTime.
	Times
	Type      ReservationType          `json:"type,omitzero"` // empty: IMMEDIATE
	Packages  []Package                `json:"packages,omitempty"`
	Products  []Product                `json:"products,omitempty"` // in place of packages that are not known yet
	PIN       lockerline.Secret        `json:"-"`                  // up to 10 characters, digits; AlzaBox makes one without it
	Blocked   callbacks.Optional[bool] `json:"blocked,omitzero"`   // for cash on delivery
	Payment   *Payment                 `json:"paymentData,omitempty"`
	DocNumber string                   `json:"docNumber,omitzero"`
	FlowType  callbacks.FlowType       `json:"flowType,omitzero"` // whether INLET is allowed is the server's to say
	// NextTimes are tried in order after Times. Each needs an Expiration: without one AlzaBox
	// takes that of Times, which may lie before Start.
	NextTimes []Times `json:"nextReservationTimes,omitempty"`
	// Related is a reservation elsewhere; what it does is not documented.
	Related RelatedReservation `json:"-"`
}

// RelatedReservation names a reservation elsewhere; each part has up to 35 characters.
type RelatedReservation struct {
	Type    string `json:"type,omitzero"`
	Key     string `json:"key,omitzero"`
	Partner string `json:"partner,omitzero"`
}

func (r ReservationRequest) wire() any {
	type attributes ReservationRequest
	relationships := map[string]any{"box": r.Box}
	if r.Related != (RelatedReservation{}) {
		relationships["reservation"] = r.Related
	}
	return map[string]any{"reservation": map[string]any{
		"id": r.ID, "relationships": relationships,
		"attributes": struct {
			attributes
			PIN string `json:"pin,omitzero"`
		}{attributes(r), r.PIN.Reveal()},
	}}
}

func (r ReservationRequest) check() (bad faults) {
	bad.id("ID", r.ID, maxID)
	bad.box("Box", r.Box)
	bad.add(len(r.Packages)+len(r.Products) == 0, "Packages", "or Products must be given")
	for _, p := range r.Packages {
		bad.text("Packages.Barcode", p.Barcode, maxBarcode)
		bad.dimensions("Packages", p.Dimensions)
	}
	for _, p := range r.Products {
		bad.text("Products.Code", p.Code, maxCode)
		bad.dimensions("Products", p.Dimensions)
		bad.add(p.Quantity < 1, "Products.Quantity", "must be positive")
	}
	_, ends := r.Expiration.Get()
	bad.add(!ends, "Expiration", "must be given")
	_, starts := r.Start.Get()
	bad.add(r.Type == ReservationTypeTime && !starts, "Start", "must be given for a time slot")
	bad.times("", r.Times)
	for _, t := range r.NextTimes {
		_, starts := t.Start.Get()
		_, ends := t.Expiration.Get()
		bad.add(!starts || !ends, "NextTimes", "must each have Start and Expiration")
		bad.times("NextTimes.", t)
	}
	bad.text("PIN", r.PIN.Reveal(), maxPIN)
	bad.text("DocNumber", r.DocNumber, maxID)
	bad.payment(r.Payment)
	for _, part := range []string{r.Related.Type, r.Related.Key, r.Related.Partner} {
		bad.text("Related", part, maxLinkPart)
	}
	return bad
}

// differences names what the reservation that exists has otherwise than r asks for. What
// r leaves to AlzaBox, and what may have changed since, is not compared.
func (r ReservationRequest) differences(is *Reservation) (fields []lockerline.FieldError) {
	var bad faults
	const differs = "differs from the reservation that exists"
	bad.add(is.Status.Terminal(), "Status", "of the reservation that exists is final")
	bad.add(r.Box.ID != 0 && r.Box.ID != is.Box.ID || r.Box.PID != "" && r.Box.PID != is.Box.PID, "Box", differs)
	bad.add(r.Type != "" && r.Type != is.Type, "Type", differs)
	codes := func(list []Package) (out []string) {
		for _, p := range list {
			out = append(out, p.Barcode)
		}
		slices.Sort(out)
		return out
	}
	bad.add(len(r.Packages) > 0 && !slices.Equal(codes(r.Packages), codes(is.Packages)), "Packages.Barcode", differs)
	if doc, ok := is.DocNumber.Get(); ok {
		bad.add(r.DocNumber != "" && r.DocNumber != doc, "DocNumber", differs)
	}
	if len(r.NextTimes) == 0 { // else AlzaBox may have taken another slot
		bad.add(r.Expiration.Or(time.Time{}).Sub(is.Expiration.Or(time.Time{})).Abs() >= time.Second, "Expiration", differs)
	}
	return bad
}

package callbacks

// Meaning is what a change says once status, flow and block are read together. The set is
// open: a status that is not known means MeaningUnknown.
type Meaning string

// The meanings of a ReservationChange.
const (
	// MeaningUnknown is a status that this version does not know.
	MeaningUnknown Meaning = "unknown"
	// MeaningCreated is a reservation without a compartment.
	MeaningCreated Meaning = "created"
	// MeaningQueued is a prereservation that waits for a compartment.
	MeaningQueued Meaning = "queued"
	// MeaningReserved is a reservation with a compartment and without a parcel.
	MeaningReserved Meaning = "reserved"
	// MeaningStocking is a courier at the box.
	MeaningStocking Meaning = "stocking"
	// MeaningStocked is a parcel in the box; whether it can be picked up was not said.
	MeaningStocked Meaning = "stocked"
	// MeaningReady is a parcel in the box that the customer can pick up.
	MeaningReady Meaning = "ready for pick-up"
	// MeaningBlocked is a parcel in the box that the customer cannot pick up.
	MeaningBlocked Meaning = "blocked in the box"
	// MeaningIncomplete is a parcel that did not get in; by whom was not said.
	MeaningIncomplete Meaning = "not put in"
	// MeaningNotStocked is a parcel that the courier could not put in, or only in part.
	MeaningNotStocked Meaning = "not stocked by the courier"
	// MeaningNotInserted is an INLET parcel that could not be put in: no compartment was free
	// or large enough.
	MeaningNotInserted Meaning = "not inserted"
	// MeaningPickedUp is a parcel in the hands of the customer.
	MeaningPickedUp Meaning = "picked up"
	// MeaningReturning is RETURNING without a known flow: either of the next two.
	MeaningReturning Meaning = "returning"
	// MeaningNotCollected is an OUTLET parcel whose time ran out: it waits for the courier.
	MeaningNotCollected Meaning = "not collected, waits for the courier"
	// MeaningInserted is an INLET parcel that was put into the box and waits for the courier.
	MeaningInserted Meaning = "inserted, waits for the courier"
	// MeaningReturned is a parcel that the courier took out of the box.
	MeaningReturned Meaning = "taken out by the courier"
	// MeaningExpired is a reservation that ran out before a parcel came.
	MeaningExpired Meaning = "expired"
	// MeaningCanceled is a cancelled reservation.
	MeaningCanceled Meaning = "canceled"
)

// meanings is read by flow; the empty flow stands for every other and for none.
var meanings = map[Status]map[FlowType]Meaning{
	StatusNew:           {"": MeaningCreated},
	StatusPrereserved:   {"": MeaningQueued},
	StatusReserved:      {"": MeaningReserved},
	StatusStocking:      {"": MeaningStocking},
	StatusStocked:       {"": MeaningStocked},
	StatusStockedLocked: {"": MeaningBlocked},
	StatusIncomplete:    {"": MeaningIncomplete, FlowTypeOutlet: MeaningNotStocked, FlowTypeInlet: MeaningNotInserted},
	StatusPickedUp:      {"": MeaningPickedUp},
	StatusReturning:     {"": MeaningReturning, FlowTypeOutlet: MeaningNotCollected, FlowTypeInlet: MeaningInserted},
	StatusReturned:      {"": MeaningReturned},
	StatusExpired:       {"": MeaningExpired},
	StatusCanceled:      {"": MeaningCanceled},
}

// EffectiveStatus is Status with the block taken in: a STOCKED parcel that is blocked is
// STOCKED_LOCKED, which the vendor page calls the same thing. The block is a snapshot; no
// callback comes when it is set or lifted later.
func (c ReservationChange) EffectiveStatus() Status {
	if blocked, _ := c.Blocked.Get(); blocked && c.Status == StatusStocked {
		return StatusStockedLocked
	}
	return c.Status
}

// Meaning reads status, flow and block together. RETURNING and INCOMPLETE mean different
// things by flow, and stay open without one. A missing block is not "not blocked": such a
// STOCKED change is MeaningStocked, not MeaningReady.
func (c ReservationChange) Meaning() Meaning {
	status := c.EffectiveStatus()
	if blocked, told := c.Blocked.Get(); status == StatusStocked && told && !blocked {
		return MeaningReady
	}
	byFlow, ok := meanings[status]
	if !ok {
		return MeaningUnknown
	}
	if m, ok := byFlow[c.FlowType.Or("")]; ok {
		return m
	}
	return byFlow[""]
}

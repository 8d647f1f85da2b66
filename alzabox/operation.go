package alzabox

import (
	"slices"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Operations returns every operation of this package, in the order of the services. The
// vendor's OpenAPI document has all of them; real programs were seen using those whose
// evidence is lockerline.EvidenceObserved. Idempotent is this package's reading: the vendor
// documents no key that makes a repeat safe.
func Operations() []lockerline.Operation { return slices.Clone(operations) }

const (
	base  = "/parcel-lockers/v2"
	scope = "konzole_access"
)

var operations = []lockerline.Operation{
	transport.Op("reservations.get", "GET", base+"/reservation", scope, true, lockerline.EvidenceVendorPage),
	transport.Op("reservations.list", "GET", base+"/reservations", scope, true, lockerline.EvidenceObserved),
	transport.Op("reservations.create", "POST", base+"/reservation", scope, false, lockerline.EvidenceObserved),
	transport.Op("reservations.update", "PATCH", base+"/reservation", scope, true, lockerline.EvidenceObserved),
	transport.Op("reservations.store", "POST", base+"/reservation/store", scope, false, lockerline.EvidenceVendorPage),
	transport.Op("boxes.get", "GET", base+"/box", scope, true, lockerline.EvidenceVendorPage),
	transport.Op("boxes.list", "GET", base+"/boxes", scope, true, lockerline.EvidenceObserved),
	transport.Op("boxes.update", "PATCH", base+"/box", scope, true, lockerline.EvidenceVendorPage),
	transport.Op("couriers.get", "GET", base+"/courier", scope, true, lockerline.EvidenceObserved),
	transport.Op("couriers.list", "GET", base+"/couriers", scope, true, lockerline.EvidenceVendorPage),
	transport.Op("couriers.create", "POST", base+"/courier", scope, false, lockerline.EvidenceObserved),
	transport.Op("couriers.update", "PATCH", base+"/courier", scope, true, lockerline.EvidenceVendorPage),
}

// The operations, in the order of the table.
var (
	opReservationsGet, opReservationsList, opReservationsCreate, opReservationsUpdate, opReservationsStore = &operations[0], &operations[1], &operations[2], &operations[3], &operations[4]
	opBoxesGet, opBoxesList, opBoxesUpdate                                                                 = &operations[5], &operations[6], &operations[7]
	opCouriersGet, opCouriersList, opCouriersCreate, opCouriersUpdate                                      = &operations[8], &operations[9], &operations[10], &operations[11]
)

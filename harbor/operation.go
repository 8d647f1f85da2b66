package harbor

import (
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Operation describes one endpoint as this package uses it. Hooks, logs and errors name a
// call by Name and Path, never by its URL.
type Operation struct {
	Name       string   // such as "lockers.reserve"; stable
	Method     string   // HTTP method
	Path       string   // template below Environment.APIURL
	Scope      Scope    // what the access token must be good for
	Idempotent bool     // whether it is sent again after it may have arrived
	Evidence   Evidence // how well the route is known
}

// Operations returns every operation of this package, in the order of the services.
func Operations() []Operation {
	all := make([]Operation, len(operations))
	for i := range operations {
		all[i] = operations[i].exported()
	}
	return all
}

type opID int

const (
	opLocationsInArea opID = iota
	opLocationsClosest
	opLocationsList
	opLocationsGet
	opLocationsAvailability
	opLocationsLockers
	opTowersLockers
	opTowersAvailability
	opLockersReserve
	opLockersCancelReservation
	opLockersDropoffToken
	opLockersPickupToken
	opLockersRelease
	opLockersAssigned
	opLinksDropoff
	opLinksPickup
	opLinksGet
	opSessionsAuthorizeUser
	opSessionsTestToken
	opLockerTypesList
	opCount
)

const (
	locationPath = "/api/v1/locations/{location}"
	towerPath    = "/api/v1/towers/{tower}"
	lockerPath   = towerPath + "/lockers/{locker}"
	linkPath     = "/api/v1/locker-open-requests"
)

var operations = [opCount]operation{
	opLocationsInArea:          row("locations.in_area", "GET", "/api/v1/locations/in-area", ScopeServiceProvider, true, EvidenceVendorPage),
	opLocationsClosest:         row("locations.closest", "GET", "/api/v1/locations/closest", ScopeServiceProvider, true, EvidenceObserved),
	opLocationsList:            row("locations.list", "GET", "/api/v1/locations/", ScopeServiceProvider, true, EvidenceObserved),
	opLocationsGet:             row("locations.get", "GET", locationPath+"/", ScopeServiceProvider, true, EvidenceObserved),
	opLocationsAvailability:    row("locations.availability", "GET", locationPath+"/availability", ScopeServiceProvider, true, EvidenceObserved),
	opLocationsLockers:         row("locations.lockers", "GET", locationPath+"/lockers", ScopeServiceProvider, true, EvidenceVendorPage),
	opTowersLockers:            row("towers.lockers", "GET", towerPath+"/lockers", ScopeServiceProvider, true, EvidenceVendorPage),
	opTowersAvailability:       row("towers.locker_availability", "GET", towerPath+"/locker-availability", ScopeServiceProvider, true, EvidenceObserved),
	opLockersReserve:           row("lockers.reserve", "POST", lockerPath+"/reservations", ScopeServiceProvider, false, EvidenceVendorPage),
	opLockersCancelReservation: row("lockers.cancel_reservation", "DELETE", lockerPath+"/reservations", ScopeServiceProvider, false, EvidenceInferred),
	opLockersDropoffToken:      row("lockers.dropoff_token", "POST", lockerPath+"/dropoff-locker-tokens", ScopeServiceProvider, false, EvidenceVendorPage),
	opLockersPickupToken:       row("lockers.pickup_token", "POST", lockerPath+"/pickup-locker-tokens", ScopeServiceProvider, false, EvidenceVendorPage),
	opLockersRelease:           row("lockers.release", "POST", lockerPath+"/release-locker", ScopeServiceProvider, false, EvidenceObserved),
	opLockersAssigned:          row("lockers.assigned", "GET", "/api/v1/users/me/assigned-lockers", ScopeServiceProvider, true, EvidenceVendorPage),
	opLinksDropoff:             row("links.dropoff", "POST", linkPath+"/dropoff-locker-request", ScopeServiceProvider, false, EvidenceVendorPage),
	opLinksPickup:              row("links.pickup", "POST", linkPath+"/pickup-locker-request", ScopeServiceProvider, false, EvidenceVendorPage),
	opLinksGet:                 row("links.get", "GET", linkPath+"/{request}", ScopeServiceProvider, true, EvidenceObserved),
	opSessionsAuthorizeUser:    row("sessions.authorize_user", "POST", "/api/v1/login/authorize", scopeBoth, true, EvidenceObserved),
	opSessionsTestToken:        row("sessions.test_token", "POST", "/api/v1/login/test-token", ScopeServiceProvider, true, EvidenceVendorPage),
	opLockerTypesList:          row("locker_types.list", "GET", "/api/v1/locker-types", ScopeServiceProvider, true, EvidenceInferred),
}

// operation is a row of the table: what the transport wants to know, and the evidence.
type operation struct {
	transport.Operation
	evidence Evidence
}

func row(name, method, path string, scope Scope, idempotent bool, e Evidence) operation {
	return operation{transport.Operation{Name: name, Method: method, Path: path, Scope: string(scope), Idempotent: idempotent}, e}
}

func (o *operation) exported() Operation {
	return Operation{o.Name, o.Method, o.Path, Scope(o.Scope), o.Idempotent, o.evidence}
}

// scopeBoth is how Harbor's examples ask for the token that they authorize users by.
const scopeBoth Scope = "service_provider tower_access"

// route replaces the path of an operation, and says which arguments the new one wants.
type route struct {
	transport.Operation
	pick []int
}

// route returns the operation to call, and its arguments in order.
func (s *settings) route(id opID, args []string) (*transport.Operation, []string) {
	r := s.routes[id]
	if r == nil {
		return &operations[id].Operation, args
	}
	picked := make([]string, len(r.pick))
	for i, j := range r.pick {
		picked[i] = args[j]
	}
	return &r.Operation, picked
}

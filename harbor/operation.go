package harbor

import (
	"slices"

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
func Operations() []Operation { return slices.Clone(operations[:]) }

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

var operations = [opCount]Operation{
	opLocationsInArea:          {"locations.in_area", "GET", "/api/v1/locations/in-area", ScopeServiceProvider, true, EvidenceVendorPage},
	opLocationsClosest:         {"locations.closest", "GET", "/api/v1/locations/closest", ScopeServiceProvider, true, EvidenceObserved},
	opLocationsList:            {"locations.list", "GET", "/api/v1/locations/", ScopeServiceProvider, true, EvidenceObserved},
	opLocationsGet:             {"locations.get", "GET", locationPath + "/", ScopeServiceProvider, true, EvidenceObserved},
	opLocationsAvailability:    {"locations.availability", "GET", locationPath + "/availability", ScopeServiceProvider, true, EvidenceObserved},
	opLocationsLockers:         {"locations.lockers", "GET", locationPath + "/lockers", ScopeServiceProvider, true, EvidenceVendorPage},
	opTowersLockers:            {"towers.lockers", "GET", towerPath + "/lockers", ScopeServiceProvider, true, EvidenceVendorPage},
	opTowersAvailability:       {"towers.locker_availability", "GET", towerPath + "/locker-availability", ScopeServiceProvider, true, EvidenceObserved},
	opLockersReserve:           {"lockers.reserve", "POST", lockerPath + "/reservations", ScopeServiceProvider, false, EvidenceVendorPage},
	opLockersCancelReservation: {"lockers.cancel_reservation", "DELETE", lockerPath + "/reservations", ScopeServiceProvider, false, EvidenceInferred},
	opLockersDropoffToken:      {"lockers.dropoff_token", "POST", lockerPath + "/dropoff-locker-tokens", ScopeServiceProvider, false, EvidenceVendorPage},
	opLockersPickupToken:       {"lockers.pickup_token", "POST", lockerPath + "/pickup-locker-tokens", ScopeServiceProvider, false, EvidenceVendorPage},
	opLockersRelease:           {"lockers.release", "POST", lockerPath + "/release-locker", ScopeServiceProvider, false, EvidenceObserved},
	opLockersAssigned:          {"lockers.assigned", "GET", "/api/v1/users/me/assigned-lockers", ScopeServiceProvider, true, EvidenceVendorPage},
	opLinksDropoff:             {"links.dropoff", "POST", linkPath + "/dropoff-locker-request", ScopeServiceProvider, false, EvidenceVendorPage},
	opLinksPickup:              {"links.pickup", "POST", linkPath + "/pickup-locker-request", ScopeServiceProvider, false, EvidenceVendorPage},
	opLinksGet:                 {"links.get", "GET", linkPath + "/{request}", ScopeServiceProvider, true, EvidenceObserved},
	opSessionsAuthorizeUser:    {"sessions.authorize_user", "POST", "/api/v1/login/authorize", scopeBoth, true, EvidenceObserved},
	opSessionsTestToken:        {"sessions.test_token", "POST", "/api/v1/login/test-token", ScopeServiceProvider, true, EvidenceVendorPage},
	opLockerTypesList:          {"locker_types.list", "GET", "/api/v1/locker-types", ScopeServiceProvider, true, EvidenceInferred},
}

// scopeBoth is how Harbor's examples ask for the token that they authorize users by.
const scopeBoth Scope = "service_provider tower_access"

// route is an operation with the arguments its path wants: an override may leave some out.
type route struct {
	transport.Operation
	pick []int // nil: all, in order
}

func (r *route) args(all []string) []string {
	if r.pick == nil {
		return all
	}
	out := make([]string, len(r.pick))
	for i, j := range r.pick {
		out[i] = all[j]
	}
	return out
}

var defaultRoutes = func() (rs [opCount]route) {
	for i, o := range operations {
		rs[i].Operation = transport.Operation{Name: o.Name, Method: o.Method, Path: o.Path, Scope: string(o.Scope), Idempotent: o.Idempotent}
	}
	return rs
}()

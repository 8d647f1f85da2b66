package harbor

import (
	"slices"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Operations returns every operation of this package, in the order of the services.
func Operations() []lockerline.Operation { return slices.Clone(operations[:]) }

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

var operations = [opCount]lockerline.Operation{
	opLocationsInArea:          transport.Op("locations.in_area", "GET", "/api/v1/locations/in-area", string(ScopeServiceProvider), true, lockerline.EvidenceVendorPage),
	opLocationsClosest:         transport.Op("locations.closest", "GET", "/api/v1/locations/closest", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opLocationsList:            transport.Op("locations.list", "GET", "/api/v1/locations/", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opLocationsGet:             transport.Op("locations.get", "GET", locationPath+"/", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opLocationsAvailability:    transport.Op("locations.availability", "GET", locationPath+"/availability", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opLocationsLockers:         transport.Op("locations.lockers", "GET", locationPath+"/lockers", string(ScopeServiceProvider), true, lockerline.EvidenceVendorPage),
	opTowersLockers:            transport.Op("towers.lockers", "GET", towerPath+"/lockers", string(ScopeServiceProvider), true, lockerline.EvidenceVendorPage),
	opTowersAvailability:       transport.Op("towers.locker_availability", "GET", towerPath+"/locker-availability", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opLockersReserve:           transport.Op("lockers.reserve", "POST", lockerPath+"/reservations", string(ScopeServiceProvider), false, lockerline.EvidenceVendorPage),
	opLockersCancelReservation: transport.Op("lockers.cancel_reservation", "DELETE", lockerPath+"/reservations", string(ScopeServiceProvider), false, lockerline.EvidenceInferred),
	opLockersDropoffToken:      transport.Op("lockers.dropoff_token", "POST", lockerPath+"/dropoff-locker-tokens", string(ScopeServiceProvider), false, lockerline.EvidenceVendorPage),
	opLockersPickupToken:       transport.Op("lockers.pickup_token", "POST", lockerPath+"/pickup-locker-tokens", string(ScopeServiceProvider), false, lockerline.EvidenceVendorPage),
	opLockersRelease:           transport.Op("lockers.release", "POST", lockerPath+"/release-locker", string(ScopeServiceProvider), false, lockerline.EvidenceObserved),
	opLockersAssigned:          transport.Op("lockers.assigned", "GET", "/api/v1/users/me/assigned-lockers", string(ScopeServiceProvider), true, lockerline.EvidenceVendorPage),
	opLinksDropoff:             transport.Op("links.dropoff", "POST", linkPath+"/dropoff-locker-request", string(ScopeServiceProvider), false, lockerline.EvidenceVendorPage),
	opLinksPickup:              transport.Op("links.pickup", "POST", linkPath+"/pickup-locker-request", string(ScopeServiceProvider), false, lockerline.EvidenceVendorPage),
	opLinksGet:                 transport.Op("links.get", "GET", linkPath+"/{request}", string(ScopeServiceProvider), true, lockerline.EvidenceObserved),
	opSessionsAuthorizeUser:    transport.Op("sessions.authorize_user", "POST", "/api/v1/login/authorize", string(scopeBoth), true, lockerline.EvidenceObserved),
	opSessionsTestToken:        transport.Op("sessions.test_token", "POST", "/api/v1/login/test-token", string(ScopeServiceProvider), true, lockerline.EvidenceVendorPage),
	opLockerTypesList:          transport.Op("locker_types.list", "GET", "/api/v1/locker-types", string(ScopeServiceProvider), true, lockerline.EvidenceInferred),
}

// scopeBoth is how Harbor's examples ask for the token that they authorize users by.
const scopeBoth Scope = "service_provider tower_access"

package harbortest

import (
	"net/http"
	"slices"

	"github.com/lockerline/lockerline-go/harbor"
)

// Operation is one thing the simulator answers. The names are those by which
// [Server.Fail] and [Server.Requests] know it.
type Operation struct {
	Name   string
	Method string
	Path   string // template, such as /api/v1/locations/{location_id}/
	// Scope is what the bearer token must be for; empty: any, or none for "token".
	Scope harbor.Scope
}

// Operations returns everything the simulator answers.
func Operations() []Operation {
	ops := make([]Operation, len(routes))
	for i, r := range routes {
		ops[i] = r.Operation
	}
	return ops
}

// route is an operation and what answers it. serve runs under Server.mu.
type route struct {
	Operation
	serve func(*Server, *call) reply
	parts []string
}

const (
	api         = "/api/v1"
	sdk         = "/sdk/v1"
	oneOf       = api + "/towers/{tower_id}/lockers/{locker_id}"
	forBackends = harbor.ScopeServiceProvider
	forPhones   = harbor.ScopeTowerAccess
)

// The order matters, as it does in Harbor's own framework: the first that fits answers.
var routes = []route{
	on("token", http.MethodPost, tokenPath, "", nil),

	on("locations.list", http.MethodGet, api+"/locations/", forBackends, (*Server).listLocations),
	on("locations.closest", http.MethodGet, api+"/locations/closest", forBackends, (*Server).closestLocation),
	on("locations.in_area", http.MethodGet, api+"/locations/in-area", forBackends, (*Server).locationsInArea),
	on("locations.get", http.MethodGet, api+"/locations/{location_id}/", forBackends, (*Server).getLocation),
	on("locations.availability", http.MethodGet, api+"/locations/{location_id}/availability", forBackends, (*Server).locationAvailability),
	on("locations.lockers", http.MethodGet, api+"/locations/{location_id}/lockers", forBackends, (*Server).locationLockers),
	on("locker_types.list", http.MethodGet, api+"/locker-types", forBackends, (*Server).listLockerTypes),

	on("towers.lockers", http.MethodGet, api+"/towers/{tower_id}/lockers", forBackends, (*Server).towerLockers),
	on("towers.locker_availability", http.MethodGet, api+"/towers/{tower_id}/locker-availability", forBackends, (*Server).towerAvailability),
	on("lockers.reserve", http.MethodPost, oneOf+"/reservations", forBackends, (*Server).reserve),
	on("lockers.cancel_reservation", http.MethodDelete, oneOf+"/reservations", forBackends, (*Server).cancelReservation),
	on("lockers.cancel_reservation", http.MethodDelete, oneOf+"/reservations/{reservation_id}", forBackends, (*Server).cancelReservation),
	on("lockers.dropoff_token", http.MethodPost, oneOf+"/dropoff-locker-tokens", forBackends, (*Server).createDropoffToken),
	on("lockers.pickup_token", http.MethodPost, oneOf+"/pickup-locker-tokens", forBackends, (*Server).createPickupToken),
	on("lockers.release", http.MethodPost, oneOf+"/release-locker", forBackends, (*Server).releaseLocker),
	on("lockers.assigned", http.MethodGet, api+"/users/me/assigned-lockers", forBackends, (*Server).assignedLockers),

	on("links.dropoff", http.MethodPost, api+"/locker-open-requests/dropoff-locker-request", forBackends, (*Server).createDropoffLink),
	on("links.pickup", http.MethodPost, api+"/locker-open-requests/pickup-locker-request", forBackends, (*Server).createPickupLink),
	on("links.get", http.MethodGet, api+"/locker-open-requests/{request_id}", forBackends, (*Server).getLink),

	on("sessions.authorize_user", http.MethodPost, api+"/login/authorize", forBackends, (*Server).authorizeUser),
	on("sessions.test_token", http.MethodPost, api+"/login/test-token", "", (*Server).testToken),

	on("sdk.session_token", http.MethodPost, sdk+"/towers/{tower_id}/session-token", forPhones, (*Server).sessionToken),
	on("sdk.configuration", http.MethodGet, sdk+"/towers/{tower_id}/configuration", forPhones, (*Server).towerConfiguration),
	on("sdk.commands", http.MethodGet, sdk+"/towers/{tower_id}/commands", forPhones, (*Server).towerCommands),
	on("sdk.events", http.MethodPost, sdk+"/towers/{tower_id}/events", forPhones, (*Server).towerEvents),
	on("sdk.reset_events", http.MethodPost, sdk+"/towers/{tower_id}/reset-events", forPhones, (*Server).resetTowerEvents),
	on("sdk.services", http.MethodGet, sdk+"/services/", forPhones, (*Server).bluetoothServices),
}

func on(name, method, path string, scope harbor.Scope, serve func(*Server, *call) reply) route {
	return route{
		Operation: Operation{Name: name, Method: method, Path: path, Scope: scope},
		serve:     serve, parts: splitPath(path),
	}
}

func knownOperation(name string) bool {
	return slices.ContainsFunc(routes, func(r route) bool { return r.Name == name })
}

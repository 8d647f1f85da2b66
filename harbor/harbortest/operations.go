package harbortest

import (
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

const (
	forBackends = harbor.ScopeServiceProvider
	forPhones   = harbor.ScopeTowerAccess

	opToken  = "token"
	opCancel = "lockers.cancel_reservation"

	sdkPath   = "/sdk/v1"
	towerPath = sdkPath + "/towers/{tower}"
)

// routes are the operations of the client, the token endpoint, and what the mobile SDK
// calls for a tower.
var routes = newRoutes()

func newRoutes() lockerlinetest.Routes {
	rs := lockerlinetest.Routes{{Name: opToken, Method: http.MethodPost, Path: tokenPath}}
	for _, o := range harbor.Operations() {
		rs = append(rs, o)
		if o.Name == opCancel { // the other spelling that the vendor's pages have
			o.Path += "/{reservation}"
			rs = append(rs, o)
		}
	}
	sdk := func(name, method, path string) {
		rs = append(rs, lockerline.Operation{Name: name, Method: method, Path: path, Scope: string(forPhones)})
	}
	sdk("sdk.session_token", http.MethodPost, towerPath+"/session-token")
	sdk("sdk.configuration", http.MethodGet, towerPath+"/configuration")
	sdk("sdk.commands", http.MethodGet, towerPath+"/commands")
	sdk("sdk.events", http.MethodPost, towerPath+"/events")
	sdk("sdk.reset_events", http.MethodPost, towerPath+"/reset-events")
	sdk("sdk.services", http.MethodGet, sdkPath+"/services/")
	return rs
}

// scopeOf returns the scope that the bearer token needs; empty: any.
func scopeOf(o lockerline.Operation) harbor.Scope {
	switch o.Name {
	case "sessions.test_token":
		return ""
	case "sessions.authorize_user": // one of the scopes that a client asks for is enough
		return forBackends
	}
	return harbor.Scope(o.Scope)
}

// handlers run under Server.mu. There is one for every name of routes but the token's.
var handlers = map[string]handler{
	"locations.list":             (*Server).listLocations,
	"locations.closest":          (*Server).closestLocation,
	"locations.in_area":          (*Server).locationsInArea,
	"locations.get":              atSite((*Server).getLocation),
	"locations.availability":     atSite((*Server).locationAvailability),
	"locations.lockers":          atSite((*Server).locationLockers),
	"locker_types.list":          (*Server).listLockerTypes,
	"towers.lockers":             atTower((*Server).towerLockers),
	"towers.locker_availability": atTower((*Server).towerAvailability),
	"lockers.reserve":            (*Server).reserve,
	opCancel:                     (*Server).cancelReservation,
	"lockers.dropoff_token":      (*Server).createDropoffToken,
	"lockers.pickup_token":       (*Server).createPickupToken,
	"lockers.release":            (*Server).releaseLocker,
	"lockers.assigned":           (*Server).assignedLockers,
	"links.dropoff":              (*Server).createDropoffLink,
	"links.pickup":               (*Server).createPickupLink,
	"links.get":                  (*Server).getLink,
	"sessions.authorize_user":    (*Server).authorizeUser,
	"sessions.test_token":        (*Server).testToken,
	"sdk.session_token":          (*Server).sessionToken,
	"sdk.configuration":          atTower((*Server).towerConfiguration),
	"sdk.commands":               atTower((*Server).towerCommands),
	"sdk.events":                 atTower((*Server).towerEvents),
	"sdk.reset_events":           (*Server).resetTowerEvents,
	"sdk.services":               (*Server).bluetoothServices,
}

type handler func(*Server, *call) reply

// atTower finds the tower of the path first.
func atTower(h func(*Server, *call, *tower) reply) handler {
	return func(s *Server, c *call) reply {
		t, no := s.tower(c)
		if no != nil {
			return *no
		}
		return h(s, c, t)
	}
}

// atSite finds the location of the path first.
func atSite(h func(*Server, *call, *site) reply) handler {
	return func(s *Server, c *call) reply {
		id := c.pathInt("location")
		if c.problems != nil {
			return invalid(c.problems)
		}
		for _, st := range s.sites {
			if st.ID == harbor.LocationID(id) {
				return h(s, c, st)
			}
		}
		return refuse(http.StatusNotFound, "Location not found")
	}
}

// unrouted answers a request for an unknown path or method, as Harbor's framework does: a
// path that fits except for its last slash is redirected.
func unrouted(r *http.Request) reply {
	if allowed := routes.Methods(r.URL.EscapedPath()); allowed != nil {
		out := refuse(http.StatusMethodNotAllowed, "Method Not Allowed")
		if r.URL.Path == tokenPath {
			out = oauthError(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed", "")
		}
		out.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
		return out
	}
	if strings.HasPrefix(r.URL.Path, "/realms/") {
		return oauthError(http.StatusNotFound, "Realm does not exist", "")
	}
	target := *r.URL
	target.Path, target.RawPath = toggleSlash(r.URL.Path), ""
	if routes.Methods(target.EscapedPath()) == nil {
		return refuse(http.StatusNotFound, "Not Found")
	}
	target.Host, target.Scheme = r.Host, "http"
	if r.TLS != nil {
		target.Scheme = "https"
	}
	return reply{status: http.StatusTemporaryRedirect, header: http.Header{"Location": {target.String()}}}
}

func toggleSlash(path string) string {
	if strings.HasSuffix(path, "/") {
		return strings.TrimRight(path, "/")
	}
	return path + "/"
}

package foxtrot

import (
	"slices"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Operation describes one endpoint as this package uses it. Hooks, logs and errors name a
// call by Name and Path, never by its URL.
type Operation struct {
	Name       string // such as "customers.get"; stable
	Method     string // HTTP method
	Path       string // template below the base URL
	Idempotent bool   // whether it is sent again after it may have arrived
	Source     string // where the route is known from
}

// Where a route is known from.
const (
	SourceVendor   = "vendor page"           // Foxtrot documents it; no client is known to call it
	SourceObserved = "vendor page, observed" // and real clients were seen using it
)

// Operations returns every operation of this package, in the order of the services.
func Operations() []Operation { return slices.Clone(operations[:]) }

type opID int

const (
	opCustomersGet opID = iota
	opCustomersWaypoints
	opCustomersConfidentLocation
	opDCsList
	opRoutesGet
	opRoutesFindByDate
	opRoutesCompletionTime
	opRoutesWaypoints
	opRoutesWaypoint
	opRoutesDeliveries
	opDriversGet
	opDriversLocation
	opWebhooksList
	opWebhooksCreate
	opWebhooksEnable
	opWebhooksDisable
	opWebhooksDelete
	opCount
)

const (
	customerPath = "/dcs/{dc}/customers/{customer}"
	routePath    = "/dcs/{dc}/routes/{route}"
	driverPath   = "/dcs/{dc}/drivers/{driver}"
	webhookPath  = "/webhooks/{webhook}"
)

var operations = [opCount]Operation{
	opCustomersGet:               {"customers.get", "GET", customerPath, true, SourceObserved},
	opCustomersWaypoints:         {"customers.waypoints", "GET", customerPath + "/waypoints", true, SourceVendor},
	opCustomersConfidentLocation: {"customers.confident_location", "GET", customerPath + "/confident-location", true, SourceVendor},
	opDCsList:                    {"dcs.list", "GET", "/dcs", true, SourceObserved},
	opRoutesGet:                  {"routes.get", "GET", routePath, true, SourceObserved},
	opRoutesFindByDate:           {"routes.find_by_date", "GET", "/dcs/{dc}/routes/find_by_date/{date}", true, SourceObserved},
	opRoutesCompletionTime:       {"routes.completion_time", "GET", routePath + "/completion-time", true, SourceObserved},
	opRoutesWaypoints:            {"routes.waypoints", "GET", routePath + "/waypoints", true, SourceObserved},
	opRoutesWaypoint:             {"routes.waypoint", "GET", routePath + "/waypoints/{waypoint}", true, SourceVendor},
	opRoutesDeliveries:           {"routes.deliveries", "GET", routePath + "/waypoints/{waypoint}/deliveries", true, SourceObserved},
	opDriversGet:                 {"drivers.get", "GET", driverPath, true, SourceObserved},
	opDriversLocation:            {"drivers.location", "GET", driverPath + "/location", true, SourceObserved},
	opWebhooksList:               {"webhooks.list", "GET", "/webhooks", true, SourceVendor},
	opWebhooksCreate:             {"webhooks.create", "POST", "/webhooks", false, SourceVendor},
	opWebhooksEnable:             {"webhooks.enable", "PATCH", webhookPath, true, SourceVendor},
	opWebhooksDisable:            {"webhooks.disable", "PATCH", webhookPath, true, SourceVendor},
	opWebhooksDelete:             {"webhooks.delete", "DELETE", webhookPath, true, SourceVendor},
}

var descriptors = func() (ds [opCount]transport.Operation) {
	for i, o := range operations {
		ds[i] = transport.Operation{Name: o.Name, Method: o.Method, Path: o.Path, Idempotent: o.Idempotent}
	}
	return ds
}()

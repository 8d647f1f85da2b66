package foxtrot

import (
	"slices"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Operations returns every operation of this package, in the order of the services. The
// vendor's pages document all of them; real clients were seen using those whose evidence is
// lockerline.EvidenceObserved.
func Operations() []lockerline.Operation { return slices.Clone(operations[:]) }

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

var operations = [opCount]lockerline.Operation{
	opCustomersGet:               transport.Op("customers.get", "GET", customerPath, "", true, lockerline.EvidenceObserved),
	opCustomersWaypoints:         transport.Op("customers.waypoints", "GET", customerPath+"/waypoints", "", true, lockerline.EvidenceVendorPage),
	opCustomersConfidentLocation: transport.Op("customers.confident_location", "GET", customerPath+"/confident-location", "", true, lockerline.EvidenceVendorPage),
	opDCsList:                    transport.Op("dcs.list", "GET", "/dcs", "", true, lockerline.EvidenceObserved),
	opRoutesGet:                  transport.Op("routes.get", "GET", routePath, "", true, lockerline.EvidenceObserved),
	opRoutesFindByDate:           transport.Op("routes.find_by_date", "GET", "/dcs/{dc}/routes/find_by_date/{date}", "", true, lockerline.EvidenceObserved),
	opRoutesCompletionTime:       transport.Op("routes.completion_time", "GET", routePath+"/completion-time", "", true, lockerline.EvidenceObserved),
	opRoutesWaypoints:            transport.Op("routes.waypoints", "GET", routePath+"/waypoints", "", true, lockerline.EvidenceObserved),
	opRoutesWaypoint:             transport.Op("routes.waypoint", "GET", routePath+"/waypoints/{waypoint}", "", true, lockerline.EvidenceVendorPage),
	opRoutesDeliveries:           transport.Op("routes.deliveries", "GET", routePath+"/waypoints/{waypoint}/deliveries", "", true, lockerline.EvidenceObserved),
	opDriversGet:                 transport.Op("drivers.get", "GET", driverPath, "", true, lockerline.EvidenceObserved),
	opDriversLocation:            transport.Op("drivers.location", "GET", driverPath+"/location", "", true, lockerline.EvidenceObserved),
	opWebhooksList:               transport.Op("webhooks.list", "GET", "/webhooks", "", true, lockerline.EvidenceVendorPage),
	opWebhooksCreate:             transport.Op("webhooks.create", "POST", "/webhooks", "", false, lockerline.EvidenceVendorPage),
	opWebhooksEnable:             transport.Op("webhooks.enable", "PATCH", webhookPath, "", true, lockerline.EvidenceVendorPage),
	opWebhooksDisable:            transport.Op("webhooks.disable", "PATCH", webhookPath, "", true, lockerline.EvidenceVendorPage),
	opWebhooksDelete:             transport.Op("webhooks.delete", "DELETE", webhookPath, "", true, lockerline.EvidenceVendorPage),
}

package harbor_test

import (
	"context"
	"encoding/json"
	"time"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// operations is the table of all operations, in the order of harbor.Operations.
func operations() []operation {
	type (
		ctx  = context.Context
		cl   = *harbor.Client
		opts = lockerline.CallOption
	)
	noLocation := refusal{404, "Location not found", lockerline.ErrNotFound}
	noTower := refusal{404, "Tower not found", lockerline.ErrNotFound}
	forbidden := refusal{403, "Not enough permissions", lockerline.ErrForbidden}
	location, la := docLocation("America/Los_Angeles"), "America/Los_Angeles"
	location.Notes = new("Beside the parking pay station")
	location.AccessHours = &harbor.AccessHours{
		Monday: []harbor.OpenHours{{Start: "08:00:00", End: "15:00:00"}}, Tuesday: []harbor.OpenHours{}, Wednesday: []harbor.OpenHours{},
		Thursday: []harbor.OpenHours{}, Friday: []harbor.OpenHours{}, Saturday: []harbor.OpenHours{}, Sunday: []harbor.OpenHours{},
	}
	inArea := docLocation(la)
	inArea.Availability = &harbor.Availability{Available: 3, Total: 12, ByType: []harbor.TypeAvailability{{Type: docType, Available: 3, Total: 12}}}
	availability := docAvailability()
	lockers := []harbor.Locker{docLocker(harbor.LockerStatusAvailable, 1, "public")}
	released := docLocker(harbor.LockerStatusReleased, 5, "public")
	released.IsLow, released.Type.Description = true, new("a shoe box")

	return []operation{
		{
			name: "locations.in_area", fixture: "locations_area", body: "-", example: "ExampleLocationsService_InArea",
			call: does(func(ctx ctx, c cl, o ...opts) ([]harbor.Location, error) {
				return c.Locations.InArea(ctx, harbor.Area{Start: lockerline.LatLng{Lat: 34.0, Lng: -118.0}, End: lockerline.LatLng{Lat: 35.0, Lng: -119.0}}, o...)
			}),
			request: "GET /api/v1/locations/in-area?end=35%2C-119&start=34%2C-118",
			want:    []harbor.Location{inArea}, refused: refusal{422, "start: value is not a valid point", lockerline.ErrInvalid},
		},
		{
			name: "locations.closest", fixture: "location", body: "-", example: "ExampleLocationsService_Closest",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Location, error) {
				return c.Locations.Closest(ctx, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: 34.05, Lng: -118.25}, Radius: 0.9, HasKeypad: new(true), OwnedByMe: new(false)}, o...)
			}),
			request: "GET /api/v1/locations/closest?hasKeypad=true&lat=34.05&lon=-118.25&ownedByMe=false&radius=0.9",
			want:    &location, refused: forbidden,
		},
		{
			name: "locations.list", fixture: "locations", body: "-", example: "ExampleLocationsService_List",
			call: does(func(ctx ctx, c cl, o ...opts) ([]harbor.Location, error) {
				return c.Locations.List(ctx, harbor.Page{Skip: 20}, o...)
			}),
			request: "GET /api/v1/locations/?limit=100&skip=20",
			want:    []harbor.Location{docLocation("EST"), {ID: 402, Name: "Not placed yet", Country: "United States"}},
			refused: forbidden,
		},
		{
			name: "locations.get", fixture: "location", body: "-", example: "ExampleLocationsService_Get",
			call:    does(func(ctx ctx, c cl, o ...opts) (*harbor.Location, error) { return c.Locations.Get(ctx, 329, o...) }),
			request: "GET /api/v1/locations/329/", want: &location, refused: noLocation,
		},
		{
			name: "locations.availability", fixture: "availability", body: "-", example: "ExampleLocationsService_Availability",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Availability, error) {
				return c.Locations.Availability(ctx, 329, o...)
			}),
			request: "GET /api/v1/locations/329/availability", want: &availability, refused: noLocation,
		},
		{
			name: "locations.lockers", fixture: "lockers", body: "-", example: "ExampleLocationsService_Lockers",
			call:    does(func(ctx ctx, c cl, o ...opts) ([]harbor.Locker, error) { return c.Locations.Lockers(ctx, 329, o...) }),
			request: "GET /api/v1/locations/329/lockers", want: lockers, refused: noLocation,
		},
		{
			name: "towers.lockers", fixture: "lockers", body: "-", example: "ExampleTowersService_Lockers",
			call: does(func(ctx ctx, c cl, o ...opts) ([]harbor.Locker, error) {
				return c.Towers.Lockers(ctx, "01000000000000AB", o...)
			}),
			request: "GET /api/v1/towers/01000000000000ab/lockers", want: lockers, refused: noTower,
		},
		{
			name: "towers.locker_availability", fixture: "availability", body: "-", example: "ExampleTowersService_Availability",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Availability, error) {
				return c.Towers.Availability(ctx, docRef.Tower, o...)
			}),
			request: "GET /api/v1/towers/0100000000000014/locker-availability", want: &availability, refused: noTower,
		},
		{
			name: "lockers.reserve", fixture: "reservation", body: `{"duration":300}`, example: "ExampleLockersService_Reserve",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Reservation, error) {
				r, err := c.Lockers.Reserve(ctx, docRef, 5*time.Minute, o...)
				if err == nil {
					r.Raw = nil
				}
				return r, err
			}),
			request: "POST " + lockerRoute + "/reservations",
			want:    &harbor.Reservation{Ref: docRef, ID: new(int64(52)), ExpiresAt: time.Date(2025, 4, 1, 16, 12, 57, 521_044_000, time.UTC)},
			refused: refusal{409, "Locker is not available", lockerline.ErrConflict}, lenient: true,
		},
		{
			name: "lockers.cancel_reservation", fixture: "locker", body: "-", example: "ExampleLockersService_CancelReservation",
			call: does(func(ctx ctx, c cl, o ...opts) (string, error) {
				if err := c.Lockers.CancelReservation(ctx, docRef, o...); err != nil {
					return "", err
				}
				return "cancelled", nil
			}),
			request: "DELETE " + lockerRoute + "/reservations", want: "cancelled",
			refused: refusal{404, "Reservation not found", lockerline.ErrNotFound}, lenient: true,
		},
		{
			name: "lockers.dropoff_token", fixture: "locker_token", body: `{"duration":300,"client_info":"order 42"}`, example: "ExampleLockersService_DropoffToken",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.LockerToken, error) {
				return c.Lockers.DropoffToken(ctx, docRef, tokenOf, o...)
			}),
			request: "POST " + lockerRoute + "/dropoff-locker-tokens", want: docToken(),
			refused: refusal{403, "Locker is reserved by another service provider", lockerline.ErrForbidden},
		},
		{
			name: "lockers.pickup_token", fixture: "locker_token", body: `{"duration":300,"client_info":""}`, example: "ExampleLockersService_PickupToken",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.LockerToken, error) {
				return c.Lockers.PickupToken(ctx, docRef, harbor.TokenRequest{Duration: 5 * time.Minute}, o...)
			}),
			request: "POST " + lockerRoute + "/pickup-locker-tokens", want: docToken(),
			refused: refusal{409, "Locker is not occupied", lockerline.ErrConflict},
		},
		{
			name: "lockers.release", fixture: "locker", body: `{}`, example: "ExampleLockersService_Release",
			call:    does(func(ctx ctx, c cl, o ...opts) (*harbor.Locker, error) { return c.Lockers.Release(ctx, docRef, o...) }),
			request: "POST " + lockerRoute + "/release-locker", want: &released,
			refused: refusal{409, "Locker is not rented", lockerline.ErrConflict}, lenient: true,
		},
		{
			name: "lockers.assigned", fixture: "lockers", body: "-", example: "ExampleLockersService_Assigned",
			call:    does(func(ctx ctx, c cl, o ...opts) ([]harbor.Locker, error) { return c.Lockers.Assigned(ctx, o...) }),
			request: "GET /api/v1/users/me/assigned-lockers", want: lockers, refused: forbidden,
		},
		{
			name: "links.dropoff", fixture: "link", example: "ExampleLinksService_Dropoff",
			body: `{"locationId":329,"lockerTypeId":1,"requireLowLocker":false,"returnUrl":"https://example.com/back","clientInfo":"order 42","payload":{"a":1},"keypadIntent":"pickup","persistKeypadCode":true}`,
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Link, error) {
				return c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{Location: 329, Type: 1, LinkOptions: harbor.LinkOptions{
					ReturnURL: "https://example.com/back", ClientInfo: "order 42", Payload: map[string]any{"a": 1}, KeypadIntent: "pickup", PersistKeypadCode: new(true),
				}}, o...)
			}),
			request: "POST /api/v1/locker-open-requests/dropoff-locker-request", want: docLink(),
			refused: refusal{400, "No locker available for type 1", harbor.ErrNoLockerAvailable},
		},
		{
			name: "links.pickup", fixture: "link", body: `{"lockerId":959,"returnUrl":"","clientInfo":"","payload":{}}`, example: "ExampleLinksService_Pickup",
			call: does(func(ctx ctx, c cl, o ...opts) (*harbor.Link, error) {
				return c.Links.Pickup(ctx, harbor.PickupLinkRequest{Locker: 959}, o...)
			}),
			request: "POST /api/v1/locker-open-requests/pickup-locker-request", want: docLink(),
			refused: refusal{409, "Locker is not assigned", lockerline.ErrConflict},
		},
		{
			name: "links.get", fixture: "link", body: "-", example: "ExampleLinksService_Get",
			call:    does(func(ctx ctx, c cl, o ...opts) (*harbor.Link, error) { return c.Links.Get(ctx, 210, o...) }),
			request: "GET /api/v1/locker-open-requests/210", want: docLink(),
			refused: refusal{404, "Locker open request not found", lockerline.ErrNotFound},
		},
		{
			name: "sessions.authorize_user", fixture: "user_token", body: `{"userId":"customer 7"}`, example: "ExampleSessionsService_AuthorizeUser",
			call: does(func(ctx ctx, c cl, o ...opts) (*oauth2.Token, error) {
				return c.Sessions.AuthorizeUser(ctx, "customer 7", o...)
			}),
			request: "POST /api/v1/login/authorize", want: "user-token", refused: forbidden,
		},
		{
			name: "sessions.test_token", fixture: "test_token", body: "-", example: "ExampleSessionsService_TestToken",
			call:    does(func(ctx ctx, c cl, o ...opts) (json.RawMessage, error) { return c.Sessions.TestToken(ctx, o...) }),
			request: "POST /api/v1/login/test-token", want: `{"clientId":"partner"}`, refused: forbidden, lenient: true,
		},
		{
			name: "locker_types.list", fixture: "locker_types", body: "-", example: "ExampleLockerTypesService_List",
			call:    does(func(ctx ctx, c cl, o ...opts) ([]harbor.LockerType, error) { return c.LockerTypes.List(ctx, o...) }),
			request: "GET /api/v1/locker-types",
			want:    []harbor.LockerType{docType, {ID: 4, Name: "x-large", Description: new("a suitcase")}},
			refused: refusal{404, "Not Found", lockerline.ErrNotFound},
		},
	}
}

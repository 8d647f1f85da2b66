// Package alzabox makes, reads and changes reservations in AlzaBox parcel lockers, and is
// the way back for who receives their callbacks: package callbacks has the callbacks
// themselves, whose statuses, flows and values (callbacks.Optional) this package shares.
//
//	c, err := alzabox.NewClient(alzabox.Test, alzabox.Credentials{
//		ClientID: id, ClientSecret: secret, Username: user, Password: password,
//	})
//	r, err := c.Reservations.Create(ctx, alzabox.ReservationRequest{
//		ID: "order-7", Box: alzabox.BoxRef{ID: 20},
//		Times:    alzabox.Times{Expiration: callbacks.Some(time.Now().Add(48 * time.Hour))},
//		Packages: []alzabox.Package{{Barcode: "0007", Dimensions: alzabox.Dimensions{Depth: 30, Height: 10, Width: 20}}},
//	})
//
// Lengths are centimetres, weights kilograms, times UTC. Words such as statuses, types and
// codes are open sets: one that is not known is kept as it came, reported to Hooks.Unknown,
// and never an error.
//
// # What the vendor's documents leave open
//
// Where two documents disagree, or none says, the doc comment of the name in question says
// what this package does. The rules for all of it:
//
//   - An error is what its first messageCode says, else its extensions.code, else its HTTP
//     status; extensions is read as an object and as a list. Errors beside HTTP 200 are
//     errors.
//   - A record is read under its key and bare. A missing reservation is ErrNotFound, whether
//     AlzaBox answers 404 or null.
//   - Members are written in the spelling of the OpenAPI document alone; ids go into the
//     query, escaped. Numbers and booleans that come as text are refused.
//   - No limit of pages, no rate limit and no order of lists is documented: pages have at
//     most 100 rows, a list ends with a page that brings nothing new, and reads are repeated
//     on 429, 408 and 5xx, with Retry-After where it comes.
//   - A write that is not marked idempotent is sent once: see Operations.
package alzabox

// Package lockerline holds what the clients of a Go SDK for parcel lockers share: options,
// call options, hooks, errors, and the description of an operation. Whichever service an
// error is from, it is an [Error], matches the Err… values of this package, and
// [Retryable] says whether to ask again.
//
// Import the package for the job at hand:
//
//   - [github.com/lockerline/lockerline-go/harbor] drives Harbor's towers and lockers:
//     access tokens per scope, places, reservations, drop-off and pick-up tokens, links,
//     and a Watcher that waits for what a phone does at the tower.
//   - [github.com/lockerline/lockerline-go/harbor/delivery] keeps whole deliveries, so that
//     a backend which is killed at any moment neither loses a locker nor takes two.
//   - [github.com/lockerline/lockerline-go/callbacks] receives what others push:
//     reservation changes, Harbor's and Foxtrot's webhooks. Its inbox,
//     [github.com/lockerline/lockerline-go/callbacks/inbox], stores each before it is
//     acknowledged, and hands it over once and in order.
//   - [github.com/lockerline/lockerline-go/alzabox] makes and reads reservations in AlzaBox
//     lockers, whose callbacks the former receives.
//   - [github.com/lockerline/lockerline-go/foxtrot] answers where a customer is and when
//     the truck comes.
//
// Each has a package for tests beside it, which needs no account and no hardware:
// harbor/harbortest, alzabox/alzaboxtest and foxtrot/foxtrottest are the services in memory,
// with the faults and the clock of lockerlinetest; callbacks/callbackstest is a sender that misbehaves as real
// ones do.
//
// Start with
//
//	go run github.com/lockerline/lockerline-go/examples/delivery@latest
//
// which delivers a parcel through the simulator and prints each step.
package lockerline

// Version is the version of this SDK, as sent in the User-Agent.
const Version = "0.1.0"

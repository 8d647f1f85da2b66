// Package lockerline is the root of a Go SDK for parcel lockers. It holds no code of
// its own; import the package for the job at hand:
//
//   - [github.com/lockerline/lockerline-go/harbor] drives Harbor's towers and lockers:
//     access tokens per scope, places, reservations, drop-off and pick-up tokens, and a
//     Watcher that waits for what a phone does at the tower. Its simulator,
//     harbor/harbortest, is Harbor in memory: no account and no hardware needed.
//   - [github.com/lockerline/lockerline-go/callbacks] receives what others push
//     (reservation changes, webhooks) and hands each change over once and in order.
//   - [github.com/lockerline/lockerline-go/foxtrot] answers where a customer is and when
//     the truck comes.
//
// Start with
//
//	go run github.com/lockerline/lockerline-go/examples/delivery@latest
//
// which delivers a parcel through the simulator and prints each step.
package lockerline

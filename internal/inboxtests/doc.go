// Package inboxtests holds callbacks/inbox to its promises on real databases: SQLite and a
// PostgreSQL server that the tests start for themselves. It is a module of its own, so that
// no driver reaches those who import the SDK.
//
//	go test -race ./...                      everything, with few crash rounds
//	go test -run Crash -crash.sqlite 50 -crash.postgres 10 ./...
//	go test -run xxx -bench . ./...
package inboxtests

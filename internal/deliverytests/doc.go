// Package deliverytests holds the deliveries of harbor/delivery to their promises on real
// databases: SQLite and a PostgreSQL server that the tests start for themselves. It is a
// module of its own, so that no driver reaches those who import the SDK.
//
//	go test -race ./...
package deliverytests

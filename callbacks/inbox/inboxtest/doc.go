// Package inboxtest is the contract of inbox.Store as a test suite.
package inboxtest

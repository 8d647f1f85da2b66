package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be the server of its own benchmarks.
func TestMain(m *testing.M) {
	if isServer() {
		serve()
		return
	}
	os.Exit(m.Run())
}

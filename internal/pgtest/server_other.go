//go:build !unix

package pgtest

import (
	"os"
	"testing"
)

// DSN skips the test: the server is started as Unix starts one. See Require.
func DSN(t testing.TB) string {
	t.Helper()
	if os.Getenv(Require) != "" {
		t.Fatalf("PostgreSQL is not started on this system (unset %s to skip the test)", Require)
	}
	t.Skip("PostgreSQL is not tested: it is not started on this system")
	return ""
}

// Stop does nothing: no server was started.
func Stop() {}

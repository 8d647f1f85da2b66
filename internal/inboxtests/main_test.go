package inboxtests

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	stopPostgres()
	os.Exit(code)
}

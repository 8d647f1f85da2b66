package inboxtests

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if args := os.Getenv(childEnv); args != "" {
		if err := receive(args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	code := m.Run()
	stopPostgres()
	os.Exit(code)
}

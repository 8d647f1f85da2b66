package inboxtests

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/lockerline/lockerline-go/internal/pgtest"
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
	pgtest.Stop()
	os.Exit(code)
}

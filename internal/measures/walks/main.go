// Walks does one thing and writes down which lines of the library ran meanwhile:
//
//	walks reserve|callback|tick DIR
//
// It must be built with -cover -covermode=atomic. What makes it ready is not
// counted.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/coverage"
	"time"
)

// prepare makes a walk ready. What it returns is the walk itself.
type prepare func(ctx context.Context, dir string) (func() error, error)

var walks = map[string]prepare{"reserve": reserve, "callback": callback, "tick": tick}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "walks:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 || walks[args[0]] == nil {
		return fmt.Errorf("usage: walks reserve|callback|tick DIR")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	walk, err := walks[args[0]](ctx, args[1])
	if err != nil {
		return err
	}
	if err := coverage.ClearCounters(); err != nil {
		return err
	}
	if err := walk(); err != nil {
		return err
	}
	if err := coverage.WriteMetaDir(args[1]); err != nil {
		return err
	}
	if err := coverage.WriteCountersDir(args[1]); err != nil {
		return err
	}
	return nil
}

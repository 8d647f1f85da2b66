// Command benchmarks measures what a call through harbor.Client costs, next to bare
// net/http and three well-known API clients, and writes docs/benchmarks.md and
// docs/benchmarks.svg. From the root of the repository:
//
//	go run -C internal/benchmarks .          # measure and redraw
//	go run -C internal/benchmarks . -check   # measure, write nothing, fail above a bar
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	log.SetFlags(0)
	if isServer() {
		serve()
		return
	}
	var o options
	flag.IntVar(&o.rounds, "n", 300, "rounds; in each, every client is measured once per scene, in a new order")
	flag.DurationVar(&o.slice, "slice", 5*time.Millisecond, "how long one client is measured in a round, about")
	flag.StringVar(&o.docs, "docs", "../../docs", "folder that the page and the chart are written to")
	flag.StringVar(&o.only, "only", "", "measure one scene, such as "+tcpOne+", and print it; write nothing")
	flag.BoolVar(&o.check, "check", false, "write nothing, and fail when allocations or bytes are above a bar")
	flag.Parse()
	if err := run(o, os.Stdout); err != nil {
		log.Fatalf("benchmarks: %v", err)
	}
}

type options struct {
	rounds int
	slice  time.Duration
	docs   string
	only   string
	check  bool
}

func run(o options, out io.Writer) error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: there are only flags, see -help", flag.Arg(0))
	case o.rounds < 1:
		return errors.New("-n must be at least 1")
	case o.slice <= 0:
		return errors.New("-slice must be positive")
	}
	srv, err := startServer()
	if err != nil {
		return fmt.Errorf("cannot start the server process: %w", err)
	}
	defer srv.stop()
	scenes, closeAll, err := allScenes(srv.url)
	if err != nil {
		return err
	}
	defer closeAll()
	if o.only != "" {
		if scenes = slices.DeleteFunc(scenes, func(s scene) bool { return s.name != o.only }); len(scenes) == 0 {
			return fmt.Errorf("there is no scene %q", o.only)
		}
	}
	where := describeMachine()
	res, err := measureAll(scenes, o.rounds, o.slice, out)
	if err != nil {
		return err
	}
	verdicts := judge(res)
	if err := writeVerdicts(out, verdicts); err != nil {
		return err
	}
	if o.check {
		return broken(verdicts)
	}
	p := page{scenes: scenes, results: res, verdicts: verdicts, machine: where, options: o}
	if o.only != "" {
		p.scene(out, scenes[0])
		return nil
	}
	if err := os.MkdirAll(o.docs, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.docs, "benchmarks.md"), p.markdown(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.docs, "benchmarks.svg"), chart(res), 0o644)
}

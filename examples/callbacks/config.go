package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// config is what the flags and the environment say.
type config struct {
	addr, db, dsn string
	json, demo    bool
	n             int
	secrets       secrets
	given         map[string]bool // the flags that were set
}

// parse reads flags and environment. The text is what -h shows.
func parse(args []string) (cfg config, help string, err error) {
	fs := flag.NewFlagSet("callbacks", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "`address` to listen on; with port 0 a free one is taken")
	fs.StringVar(&cfg.db, "db", "callbacks.db", "SQLite `file` that keeps the callbacks; made when missing")
	fs.StringVar(&cfg.dsn, "dsn", "", "PostgreSQL `URL` (postgres://…) that keeps them instead")
	fs.BoolVar(&cfg.json, "json", false, "print one JSON object for each handled event")
	fs.BoolVar(&cfg.demo, "demo", false, "send callbacks to itself, with faults, and check what became of them")
	fs.IntVar(&cfg.n, "n", 50, "`number` of reservations that -demo plays")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return cfg, usage(fs), nil
	case err != nil:
		return cfg, "", fmt.Errorf("%w: see -h", err)
	case fs.NArg() > 0:
		return cfg, "", fmt.Errorf("unexpected argument %q: see -h", fs.Arg(0))
	}
	cfg.given = map[string]bool{}
	fs.Visit(func(f *flag.Flag) { cfg.given[f.Name] = true })
	if err := cfg.check(); err != nil {
		return cfg, "", err
	}
	cfg.secrets, err = secretsFromEnv(os.Getenv)
	return cfg, "", err
}

func (c config) check() error {
	switch {
	case c.given["db"] && c.given["dsn"]:
		return errors.New("give -db or -dsn, not both")
	case c.given["db"] && c.db == "":
		return errors.New("-db needs the name of a file")
	case c.given["dsn"] && !strings.HasPrefix(c.dsn, "postgres://") && !strings.HasPrefix(c.dsn, "postgresql://"):
		return errors.New("-dsn needs a URL that begins with postgres://")
	case c.given["n"] && !c.demo:
		return errors.New("-n is for -demo")
	case c.n < 1:
		return errors.New("-n needs a positive number of reservations")
	}
	return nil
}

// place names the database without what may be secret in it.
func (c config) place() string {
	if c.dsn != "" {
		return "PostgreSQL"
	}
	return c.db
}

func usage(fs *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString("Receives callbacks at /callbacks, /webhooks/harbor and /webhooks/foxtrot, and prints each change once.\n\nFlags:\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString("\nWho may send, by the environment; several at once are fine:\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "  %-26s %s\n", k.variable, k.help)
	}
	return b.String()
}

package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

// The variables of the backend itself.
const (
	envAppToken     = "BACKEND_APP_TOKEN"     // the app shows it as a bearer token
	envPagePassword = "BACKEND_PAGE_PASSWORD" // opens the page, for any user name
)

// config is what the flags and the environment say.
type config struct {
	addr      string
	locations []harbor.LocationID // shown on the page; empty: where our own deliveries are
	look      time.Duration       // from one look at the doors to the next
	drain     time.Duration

	embedded     bool // no real service is named
	foxtrot      bool // Foxtrot is there
	madeUp       bool // the app's token is
	appToken     func() string
	pagePassword func() string
	callbacks    secrets
}

// services are the variables that name a real service.
var services = []string{
	harbor.EnvName, harbor.EnvAPIURL, harbor.EnvTokenURL, harbor.EnvClientID, harbor.EnvClientSecret,
	foxtrot.EnvAPIKey, foxtrot.EnvAPIURL,
}

// parse reads flags and environment. The text is what -h shows.
func parse(args []string, getenv func(string) string) (cfg config, help string, err error) {
	fs := flag.NewFlagSet("backend", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&cfg.addr, "addr", "127.0.0.1:8090", "`address` to listen on; with port 0 a free one is taken")
	fs.Func("locations", "`ids` of the locations to show, such as 329,330 (default: where own deliveries are)", cfg.setLocations)
	fs.DurationVar(&cfg.look, "look", 0, "`time` from one look at the doors to the next (default 15s, embedded 1s)")
	fs.DurationVar(&cfg.drain, "drain", 20*time.Second, "`time` that the end may take")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return cfg, usage(fs), nil
	case err != nil:
		return cfg, "", fmt.Errorf("%w: see -h", err)
	case fs.NArg() > 0:
		return cfg, "", fmt.Errorf("unexpected argument %q: see -h", fs.Arg(0))
	case cfg.look < 0 || cfg.drain <= 0:
		return cfg, "", errors.New("-look and -drain must be positive")
	}
	return cfg, "", cfg.readEnv(getenv)
}

func (c *config) readEnv(getenv func(string) string) (err error) {
	c.embedded = true
	for _, name := range services {
		c.embedded = c.embedded && getenv(name) == ""
	}
	c.foxtrot = c.embedded || getenv(foxtrot.EnvAPIKey) != ""
	if c.callbacks, err = secretsFromEnv(getenv); err != nil {
		return err
	}
	token, password := getenv(envAppToken), getenv(envPagePassword)
	if c.embedded {
		if token == "" {
			token, c.madeUp = rand.Text(), true
		}
		c.callbacks = append(c.callbacks, simulatorSecret())
	}
	if c.look == 0 {
		c.look = 15 * time.Second
		if c.embedded {
			c.look = time.Second
		}
	}
	c.appToken = func() string { return token }
	c.pagePassword = func() string { return password }
	switch {
	case token == "":
		return fmt.Errorf("set %s to a long random text that your app shows as its bearer token", envAppToken)
	case len(token) < 16:
		return fmt.Errorf("%s is too short: take 16 characters or more", envAppToken)
	case len(c.callbacks) == 0:
		return fmt.Errorf("no credentials for callbacks: set one or more of %s", strings.Join(variables(), ", "))
	}
	return nil
}

func (c *config) setLocations(s string) error {
	for text := range strings.SplitSeq(s, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || id <= 0 {
			return errors.New("must be numbers with commas between them")
		}
		c.locations = append(c.locations, harbor.LocationID(id))
	}
	return nil
}

func usage(fs *flag.FlagSet) string {
	var b strings.Builder
	b.WriteString("Runs deliveries with Harbor's lockers for a mobile app, and shows them on a page.\n\nFlags:\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString("\nThe environment; with none of the first seven everything is embedded:\n")
	for _, name := range services {
		fmt.Fprintf(&b, "  %s\n", name)
	}
	fmt.Fprintf(&b, "  %-26s what the app shows as its bearer token\n", envAppToken)
	fmt.Fprintf(&b, "  %-26s opens the page, which is off without it unless all is embedded\n", envPagePassword)
	for _, k := range kinds {
		fmt.Fprintf(&b, "  %-26s who may send callbacks: %s\n", k.variable, k.help)
	}
	return b.String()
}

// Package service finds the Harbor that an example talks to, and reads the flags of
// examples.
package service

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// FromEnv returns the Harbor that the environment names. It is false when no HARBOR_…
// variable is set, so that the example brings its own; half of what is needed is an error.
func FromEnv() (lockerline.Environment, harbor.Credentials, bool, error) {
	asked := false
	for _, name := range []string{harbor.EnvName, harbor.EnvAPIURL, harbor.EnvTokenURL, harbor.EnvClientID, harbor.EnvClientSecret} {
		asked = asked || os.Getenv(name) != ""
	}
	if !asked {
		return lockerline.Environment{}, harbor.Credentials{}, false, nil
	}
	env, err := harbor.EnvironmentFromEnv()
	creds, credsErr := harbor.CredentialsFromEnv()
	return env, creds, true, errors.Join(err, credsErr)
}

// Parse reads the flags of an example that takes no other arguments. It is true when help
// was asked for, which is then on stdout and all there is to do.
func Parse(fs *flag.FlagSet, args []string, stdout io.Writer) (help bool, err error) {
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(stdout)
			fs.Usage()
			return true, nil
		}
		return false, fmt.Errorf("%w: see -h", err)
	}
	if fs.NArg() > 0 {
		return false, fmt.Errorf("unexpected argument %q: see -h", fs.Arg(0))
	}
	return false, nil
}

// Corner reads "lat,lon" for a flag.
func Corner(to *lockerline.LatLng) func(string) error {
	return func(s string) error {
		lat, lon, _ := strings.Cut(s, ",")
		var err, err2 error
		to.Lat, err = strconv.ParseFloat(strings.TrimSpace(lat), 64)
		to.Lng, err2 = strconv.ParseFloat(strings.TrimSpace(lon), 64)
		if err != nil || err2 != nil {
			return errors.New("must be lat,lon such as 34.0,-118.0")
		}
		return nil
	}
}

package main

import (
	"fmt"
	"io"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestConfig_SaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"HARBOR_ENV": "sandbox", "HARBOR_CLIENT_ID": "id", "HARBOR_CLIENT_SECRET": "secret",
		envAppToken: appToken, "CALLBACK_BASIC": "user:password-of-theirs",
	}
	for _, c := range []struct {
		change, to, want string
		args             []string
	}{
		{envAppToken, "", envAppToken, nil},
		{envAppToken, "short", "too short", nil},
		{"CALLBACK_BASIC", "", "CALLBACK_BEARER", nil},
		{"CALLBACK_BASIC", "nocolon", "user:password", nil},
		{"", "", "-locations", []string{"-locations", "a"}},
		{"", "", "unexpected argument", []string{"more"}},
		{"", "", "positive", []string{"-drain", "0s"}},
	} {
		values := maps.Clone(whole)
		if c.change != "" {
			values[c.change] = c.to
		}
		_, _, err := parse(c.args, env(values))
		require.Error(t, err, c)
		assert.Contains(t, err.Error(), c.want)
		assert.NotContains(t, err.Error(), "password-of-theirs")
	}
	cfg, _, err := parse([]string{"-locations", "329, 330"}, env(whole))
	require.NoError(t, err)
	assert.False(t, cfg.embedded)
	assert.Len(t, cfg.locations, 2)
	assert.Equal(t, "basic", cfg.callbacks.String())
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		printed := fmt.Sprintf(verb, cfg)
		assert.NotContains(t, printed, appToken)
		assert.NotContains(t, printed, "password-of-theirs")
	}
}

func TestHelp_NamesEveryVariable(t *testing.T) {
	t.Parallel()
	_, help, err := parse([]string{"-h"}, noEnv)
	require.NoError(t, err)
	for _, name := range append(append([]string{envAppToken, envPagePassword}, services...), variables()...) {
		assert.Contains(t, help, name)
	}
}

func TestRun_AddressInUseIsAnError(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	err := run(t.Context(), []string{"-addr", r.b.here}, noEnv, io.Discard, io.Discard)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "-addr")
}

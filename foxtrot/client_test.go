package foxtrot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestNewClient_KeyAndConcurrencyAreChecked(t *testing.T) {
	t.Parallel()
	_, err := foxtrot.NewClient(" ", foxtrot.WithConcurrency(0))
	for _, word := range []string{"API key", "WithConcurrency"} {
		assert.ErrorContains(t, err, word)
	}
	for _, key := range []string{"sec ret", "sec\nret", "secrét"} {
		_, err := foxtrot.NewClient(key)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "sec")
	}
	c, err := foxtrot.NewClient("  k\n", nil)
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

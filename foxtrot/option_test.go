package foxtrot_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestHooks_UnknownCodeIsReported(t *testing.T) {
	t.Parallel()
	var got []lockerline.UnknownEvent
	hooks := lockerline.Hooks{Unknown: func(_ context.Context, e lockerline.UnknownEvent) { got = append(got, e) }}
	_, err := over(t, answer(400, `{"data":{"code":9999}}`), lockerline.WithHooks(hooks)).DCs.List(t.Context())
	require.Error(t, err)
	_, err = over(t, answer(200, fixture(t, "routes.deliveries")), lockerline.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	_, err = over(t, answer(200, `{"deliveries":[{"id":"d","attempts":[{"attempt_status":"EATEN"}]}]}`), lockerline.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	assert.Equal(t, []lockerline.UnknownEvent{{Operation: "dcs.list", Field: "code", Value: "9999"}, {Operation: "routes.deliveries", Field: "attempt.attempt_status", Value: "EATEN"}}, got)
}

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

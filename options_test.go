package lockerline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestWithRetry_NamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	var c lockerline.Config
	require.NoError(t, lockerline.WithRetry(lockerline.DefaultRetryPolicy())(&c))
	assert.Equal(t, lockerline.DefaultRetryPolicy(), c.Retry)
	err := lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 0, MinWait: -1, MaxWait: 0, MaxRetryAfter: -1})(&c)
	for _, field := range []string{"MaxAttempts", "MinWait", "MaxRetryAfter"} {
		assert.ErrorContains(t, err, field)
	}
	assert.NotContains(t, err.Error(), "\n")
	assert.Error(t, lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 2, MaxWait: 1})(&c))
	assert.Equal(t, lockerline.DefaultRetryPolicy(), c.Retry, "a refused option changes nothing")
}

package harbor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestIdempotent_LostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	p := lockerline.DefaultRetryPolicy()
	p.MinWait, p.MaxWait = time.Millisecond, time.Millisecond
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials(), lockerline.WithRetry(p))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	ref := harbor.LockerRef{Tower: "0100000000000175", Locker: 950}
	ask := func(opts ...lockerline.CallOption) error {
		srv.ResetRequests()
		srv.Fail("lockers.dropoff_token", lockerlinetest.Disconnect(lockerlinetest.After))
		_, err := c.Lockers.DropoffToken(t.Context(), ref, harbor.TokenRequest{Duration: time.Minute}, opts...)
		return err
	}

	require.ErrorIs(t, ask(), lockerline.ErrOutcomeUnknown)
	assert.Len(t, srv.Requests("lockers.dropoff_token"), 1)

	var meta lockerline.CallMeta
	require.NoError(t, ask(lockerline.Idempotent(), lockerline.Meta(&meta)))
	assert.Len(t, srv.Requests("lockers.dropoff_token"), 2)
	assert.Equal(t, 2, meta.Attempts)
}

package delivery_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestDropoffToken_LostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, cut := range []lockerlinetest.Moment{lockerlinetest.Before, lockerlinetest.After, lockerlinetest.Within} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.start("order")
				r.srv.Fail("lockers.dropoff_token", lockerlinetest.Disconnect(cut))
				tok, err := r.DropoffToken(r.Context(), "order", forFive)
				require.NoError(t, err)
				d := r.record("order")
				assert.Equal(t, delivery.PhaseRented, d.Phase)
				assert.Nil(t, d.Pending)
				assert.Equal(t, 1, r.mine())
				assert.Len(t, r.srv.Requests("lockers.assigned"), 1) // looked up in between
				r.open(tok)
			})
		})
	}
}

func TestDropoffToken_LapsedReservationIsNamed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		d := r.start("order")
		time.Sleep(6 * time.Minute)
		require.NoError(t, r.srv.SetStatus(d.Locker.Ref, harbor.LockerStatusReserved, harbortest.NeighbourClientID))
		_, err := r.DropoffToken(r.Context(), "order", forFive)
		wrong, ok := errors.AsType[*delivery.PhaseError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, delivery.PhaseExpired, wrong.Phase)
		assert.ErrorIs(t, err, delivery.ErrPhase)
		assert.Equal(t, "delivery: dropoff token: not possible for a delivery that is expired; it must be reserved or rented or stored", err.Error())
	})
}

func TestDropoffToken_RefusedOneChangesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		before := r.start("order")
		r.srv.Fail("lockers.dropoff_token", lockerlinetest.RateLimited(time.Hour))
		_, err := r.DropoffToken(r.Context(), "order", forFive)
		require.ErrorIs(t, err, lockerline.ErrRateLimited)
		_, err = r.DropoffToken(r.Context(), "order", harbor.TokenRequest{})
		require.ErrorIs(t, err, lockerline.ErrInvalid)
		after := r.record("order")
		assert.Nil(t, after.Dropoff)
		assert.Nil(t, after.Pending)
		assert.Equal(t, before.History, after.History)
	})
}

func TestPickupToken_LooksWhetherTheParcelIsIn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		tok := r.rented("order")
		_, err := r.PickupToken(r.Context(), "order", forFive)
		require.ErrorIs(t, err, delivery.ErrPhase)
		assert.Empty(t, r.srv.Requests("lockers.pickup_token"))
		r.open(tok)
		_, err = r.PickupToken(r.Context(), "order", forFive) // nobody runs or reconciles
		require.NoError(t, err)
		assert.Equal(t, delivery.PhaseStored, r.get("order").Phase)
	})
}

func TestPickupToken_LostAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.stored("order")
		r.srv.Fail("lockers.pickup_token", lockerlinetest.Disconnect(lockerlinetest.Within))
		tok, err := r.PickupToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(tok)
		_, err = r.Reconcile(r.Context())
		require.NoError(t, err)
		assert.Equal(t, delivery.PhaseCollected, r.get("order").Phase)
	})
}

func TestDropoffToken_OpensTheDoorOnceMore(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.stored("order")
		tok, err := r.DropoffToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(tok)
		_, err = r.Reconcile(r.Context())
		require.NoError(t, err)
		assert.Equal(t, delivery.PhaseStored, r.get("order").Phase)
	})
}

func TestWithPayloads_StoredOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		var opts []delivery.Option
		if keep {
			opts = append(opts, delivery.WithPayloads())
		}
		inBubble(t, func(r *rig) {
			tok := r.rented("order")
			stored, err := json.Marshal(r.get("order"))
			require.NoError(t, err)
			assert.Equal(t, keep, strings.Contains(string(stored), tok.Payload))
			assert.Equal(t, keep, strings.Contains(string(stored), tok.PayloadAuth))
			d := r.get("order")
			for _, text := range []string{fmt.Sprintf("%v %+v %#v", d, d, *d.Dropoff), d.Dropoff.String(), d.Dropoff.LogValue().String()} {
				assert.NotContains(t, text, tok.Payload)
				assert.NotContains(t, text, tok.PayloadAuth)
			}
		}, opts...)
	}
}

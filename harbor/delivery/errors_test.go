package delivery_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Each of these fails twice: by the write, and by the look at what became of it.
func TestManager_EachErrorIsOneLineWithAllItsCauses(t *testing.T) {
	t.Parallel()
	lost := lockerlinetest.Disconnect(lockerlinetest.After)
	refused := lockerlinetest.Answer(409, "application/json", `{"detail":"Locker is in another state"}`)
	for name, c := range map[string]struct {
		op    string
		fault lockerlinetest.Fault
		kind  error
		call  func(r *rig) error
	}{
		"start": {"lockers.reserve", lost, lockerline.ErrOutcomeUnknown, func(r *rig) error {
			_, err := r.Start(r.Context(), request("order"))
			return err
		}},
		"dropoff token": {"lockers.dropoff_token", lost, lockerline.ErrOutcomeUnknown, func(r *rig) error {
			_, err := r.DropoffToken(r.Context(), "order", forFive)
			return err
		}},
		"refused dropoff token": {"lockers.dropoff_token", refused, lockerline.ErrRefused, func(r *rig) error {
			_, err := r.DropoffToken(r.Context(), "order", forFive)
			return err
		}},
		"cancel": {"lockers.cancel_reservation", refused, lockerline.ErrRefused, func(r *rig) error {
			_, err := r.Cancel(r.Context(), "order")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				if name != "start" {
					r.start("order")
				}
				r.srv.Fail(c.op, c.fault)
				r.srv.Fail("lockers.assigned", lockerlinetest.Status(503).Times(-1))
				err := c.call(r)
				require.ErrorIs(t, err, c.kind)
				require.ErrorIs(t, err, lockerline.ErrServer)
				assert.NotContains(t, err.Error(), "\n")
				assert.Regexp(t, "^delivery: [a-z ]+: ", err.Error())
			})
		})
	}
}

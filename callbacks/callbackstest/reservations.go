package callbackstest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// maxSteps ends lives that go in circles.
const maxSteps = 12

// ReservationMessages returns the callbacks of n reservations. Each reservation walks through
// callbacks.ReservationTransitions at random; every step that is not known to be silent makes
// a callback. All are different, those of a reservation are in order of their change time,
// and equal seeds make equal messages. The members vary as they do between partners.
func ReservationMessages(seed uint64, n int) []Message {
	var changes []callbacks.ReservationChange
	for i := range n {
		changes = append(changes, life(rand.New(rand.NewPCG(seed, uint64(i))), i)...)
	}
	slices.SortStableFunc(changes, func(a, b callbacks.ReservationChange) int { return a.ChangeTime.Compare(b.ChangeTime) })
	messages := make([]Message, len(changes))
	for i, c := range changes {
		messages[i] = ChangeMessage(c)
	}
	return messages
}

// ChangeMessage is a change as a message, grouped by its reservation.
func ChangeMessage(c callbacks.ReservationChange) Message {
	body, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("callbackstest: a change that cannot be JSON: %v", err))
	}
	return Message{Group: c.ReservationID, Body: body}
}

// life is one reservation from its beginning to an end, with at least one callback.
func life(r *rand.Rand, number int) []callbacks.ReservationChange {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(24 * time.Hour))))
	for {
		if changes := walk(r, number, start); len(changes) > 0 {
			return changes
		}
	}
}

func walk(r *rand.Rand, number int, at time.Time) (changes []callbacks.ReservationChange) {
	flow := []callbacks.FlowType{callbacks.FlowTypeOutlet, callbacks.FlowTypeInlet}[r.IntN(2)]
	members := r.IntN(3)
	var status callbacks.Status
	for range maxSteps {
		steps := stepsFrom(status, flow)
		if len(steps) == 0 {
			break
		}
		step := steps[r.IntN(len(steps))]
		status = step.To
		at = at.Add(time.Duration(1+r.IntN(7_200_000)) * time.Millisecond)
		if step.Calls != callbacks.CallsSilent {
			changes = append(changes, newChange(r, number, status, flow, at, members))
		}
	}
	return changes
}

func stepsFrom(status callbacks.Status, flow callbacks.FlowType) (steps []callbacks.ReservationTransition) {
	for _, t := range callbacks.ReservationTransitions() {
		if t.From == status && (t.Flow == flow || t.Flow == "") {
			steps = append(steps, t)
		}
	}
	return steps
}

// newChange has the members of one of the three documented variants.
func newChange(r *rand.Rand, number int, status callbacks.Status, flow callbacks.FlowType, at time.Time, members int) callbacks.ReservationChange {
	c := callbacks.ReservationChange{ReservationID: fmt.Sprintf("reservation-%06d", number), Status: status, ChangeTime: at}
	if members == 0 {
		return c
	}
	c.FlowType = callbacks.Some(flow)
	c.Barcodes = callbacks.Some([]string{fmt.Sprintf("70321029899%05d", number)})
	c.DocNumber = callbacks.Some(c.ReservationID)
	c.Blocked = callbacks.Some(status == callbacks.StatusStockedLocked)
	c.ErrorState = callbacks.Null[callbacks.ErrorState]()
	if status == callbacks.StatusIncomplete {
		states := callbacks.ErrorStates()
		c.ErrorState = callbacks.Some(states[r.IntN(len(states))])
	}
	if members == 2 {
		c.StartReservationDate, c.ExpirationDate = callbacks.Null[time.Time](), callbacks.Null[time.Time]()
		if strings.HasSuffix(string(status), "RESERVED") {
			c.StartReservationDate, c.ExpirationDate = callbacks.Some(at.Add(time.Hour)), callbacks.Some(at.Add(25*time.Hour))
		}
	}
	return c
}

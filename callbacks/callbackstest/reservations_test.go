package callbackstest_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

func TestReservationMessages_AreDecidedByTheirSeed(t *testing.T) {
	t.Parallel()
	first := callbackstest.ReservationMessages(7, 50)
	if !reflect.DeepEqual(first, callbackstest.ReservationMessages(7, 50)) {
		t.Error("one seed, two outcomes")
	}
	if reflect.DeepEqual(first, callbackstest.ReservationMessages(8, 50)) {
		t.Error("the seed decides nothing")
	}
}

func TestReservationMessages_LookLikeReal(t *testing.T) {
	t.Parallel()
	feed := callbacks.Reservations()
	keys, statuses := map[callbacks.Key]bool{}, map[callbacks.Status]bool{}
	last := map[string]time.Time{}
	variants := map[string]bool{}
	for _, m := range callbackstest.ReservationMessages(1, 400) {
		c, err := callbacks.Decode(m.Body)
		if err != nil {
			t.Fatalf("%v\n%s", err, m.Body)
		}
		if keys[feed.Key(c)] {
			t.Errorf("twice: %s", m.Body)
		}
		keys[feed.Key(c)], statuses[c.Status] = true, true
		if m.Group != c.ReservationID || !c.ChangeTime.After(last[m.Group]) {
			t.Errorf("%s after %v", m.Body, last[m.Group])
		}
		last[m.Group] = c.ChangeTime
		variants[c.FlowType.String()+c.ExpirationDate.String()] = true
	}
	if len(last) != 400 {
		t.Errorf("%d reservations", len(last))
	}
	if len(statuses) != len(callbacks.Statuses()) {
		t.Errorf("only %v", statuses)
	}
	if len(variants) < 4 {
		t.Errorf("only %v", variants)
	}
}

// store counts how often each change arrived as a new one.
type store struct {
	mu     sync.Mutex
	stored map[callbacks.Key]int
	known  int
	other  int
}

func (s *store) Accept(_ context.Context, d callbacks.Received[callbacks.ReservationChange]) (callbacks.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Quarantined() {
		s.other++
		return callbacks.OutcomeQuarantined, nil
	}
	s.stored[d.Key]++
	if s.stored[d.Key] > 1 {
		s.known++
		return callbacks.OutcomeDuplicate, nil
	}
	return callbacks.OutcomeStored, nil
}

func TestSender_AcknowledgedIsStoredWhateverItDoes(t *testing.T) {
	t.Parallel()
	kept := &store{stored: map[callbacks.Key]int{}}
	h, err := callbacks.NewHandler(callbacks.Reservations(), kept,
		callbacks.WithCredentials(callbacks.SubscriptionKey("apim", "k3y")), callbacks.WithReadTimeout(30*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s, err := callbackstest.NewSender(server.URL, callbackstest.WithSubscriptionKey("k3y"), callbackstest.WithSeed(3), callbackstest.WithConnections(16),
		callbackstest.WithSchedule(time.Millisecond, 10*time.Millisecond, 100*time.Millisecond, time.Second, time.Second), callbackstest.WithFaults(callbackstest.Faults{
			Reorder: 0.2, Duplicate: 0.2, Twice: 0.2, SlowBody: 0.1, SlowFor: 60 * time.Millisecond, CutBody: 0.1, HangUp: 0.1,
		}))
	if err != nil {
		t.Fatal(err)
	}
	messages := callbackstest.ReservationMessages(3, 150)
	report, err := s.Send(t.Context(), messages...)
	if err != nil || report.Acknowledged() != len(messages) {
		t.Fatalf("%v, %v", report, err)
	}
	feed := callbacks.Reservations()
	for _, r := range report.Results {
		c, err := callbacks.Decode(r.Message.Body)
		if err != nil || kept.stored[feed.Key(c)] == 0 {
			t.Errorf("acknowledged and not stored: %s", r.Message.Body)
		}
	}
	if len(kept.stored) != len(messages) || kept.other != 0 || kept.known == 0 || report.Statuses[408] == 0 {
		t.Errorf("%d of %d stored, %d quarantined, %d known; %v", len(kept.stored), len(messages), kept.other, kept.known, report)
	}
}

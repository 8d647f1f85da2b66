package delivery_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/racetest"
)

// Each of these switches one safety rule off, and the crash test must notice.

func TestCrashWorld_NoticesIntentsStoredAfterTheRequest(t *testing.T) {
	t.Parallel()
	assertNoticed(t, rules{store: func(s delivery.Store) delivery.Store {
		return &lateStore{Store: s, held: map[string]delivery.Row{}}
	}})
}

func TestCrashWorld_NoticesUnknownOutcomesTakenForRefusals(t *testing.T) {
	t.Parallel()
	assertNoticed(t, rules{line: func(next http.RoundTripper) http.RoundTripper { return hopefulLine{next} }})
}

func TestCrashWorld_NoticesLockersWithoutClaims(t *testing.T) {
	t.Parallel()
	assertNoticed(t, rules{store: func(s delivery.Store) delivery.Store { return unclaimingStore{s} }, sizes: []int{1, 3}})
}

func TestCrashWorld_NoticesAQuietTimeThatIsTooShort(t *testing.T) {
	t.Parallel()
	assertNoticed(t, rules{options: []delivery.Option{
		delivery.WithCallTimeout(time.Millisecond), delivery.WithQuietTime(time.Millisecond),
	}})
}

// assertNoticed plays worlds until one has something to object to.
func assertNoticed(t *testing.T, r rules) {
	t.Helper()
	for seed := range uint64(60) {
		if found := playWorld(t, 1000+seed, 30, r); len(found.violated) > 0 {
			t.Logf("noticed in world %d: %s", seed, found.violated[0])
			return
		}
	}
	assert.Fail(t, "60 worlds without the rule, and nothing was noticed")
}

// The crash test must hold however Harbor answers where its documents leave it open.
func TestManager_NoLockerIsLostHoweverHarborAnswers(t *testing.T) {
	t.Parallel()
	for name, q := range map[string]harbortest.Quirks{
		"released is unassigned": {ReleasedIsUnassigned: true},
		"rentals end at a sync":  {RentalEndsAtSync: true},
		"refusals are 400":       {RefusalStatus: 400, CreateStatus: 204},
		"other spellings": {
			ItemsEnvelope: true, Casing: harbortest.CasingSnake, UpperCaseTowerIDs: true, ZonelessTimes: true,
			StatusNames: map[harbor.LockerStatus]string{harbor.LockerStatusReleased: "Declined"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var all tally
			worlds := uint64(10)
			if testing.Short() || racetest.Enabled {
				worlds = 3
			}
			for seed := range worlds {
				all.add(playWorld(t, 2000+seed, 30, rules{quirks: q}))
			}
			t.Log(all)
			assert.Empty(t, all.violated)
		})
	}
}

// lateStore keeps intents in the process until the answer is there.
type lateStore struct {
	delivery.Store
	held map[string]delivery.Row
}

func (s *lateStore) Update(ctx context.Context, r delivery.Row) error {
	if read(r).Pending != nil {
		s.held[r.Reference] = r
		return nil
	}
	if _, late := s.held[r.Reference]; late {
		delete(s.held, r.Reference)
		stored, err := s.Store.Get(ctx, r.Reference)
		if err != nil {
			return err
		}
		r.Version = stored.Version + 1
	}
	return s.Store.Update(ctx, r)
}

func (s *lateStore) Get(ctx context.Context, reference string) (delivery.Row, error) {
	if r, late := s.held[reference]; late {
		return r, nil
	}
	return s.Store.Get(ctx, reference)
}

// read returns what a row holds.
func read(r delivery.Row) *delivery.Record {
	d, err := delivery.ReadRow(r)
	if err != nil {
		panic(err)
	}
	return d
}

// hopefulLine takes a reservation without an answer for one that was refused.
type hopefulLine struct{ next http.RoundTripper }

func (l hopefulLine) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(r)
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/reservations") {
		return res, err
	}
	if err == nil && res.StatusCode < 500 {
		return res, nil
	}
	return &http.Response{
		StatusCode: http.StatusConflict, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: http.NoBody,
	}, nil
}

// unclaimingStore lets two deliveries claim one locker.
type unclaimingStore struct{ delivery.Store }

func (s unclaimingStore) Update(ctx context.Context, r delivery.Row) error {
	r.Claim = false
	return s.Store.Update(ctx, r)
}

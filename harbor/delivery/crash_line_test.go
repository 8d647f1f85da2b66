package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// line is the way to the simulator: things go wrong on it, and it sees who took what.
type line struct {
	srv *harbortest.Server
	us  string

	mu       sync.Mutex
	rng      *rand.Rand
	trouble  float64 // share of requests that something happens to
	late     sync.WaitGroup
	holder   map[harbor.LockerRef]string // who took a locker that is ours
	spoiled  map[string]bool             // deliveries that met where Harbor gave a full locker away
	violated []string
	taken    int // lockers taken
	lost     int // answers lost
}

type referenceKey struct{}

// by names the delivery on whose behalf requests are sent.
func by(ctx context.Context, reference string) context.Context {
	return context.WithValue(ctx, referenceKey{}, reference)
}

var errLost = errors.New("the connection was lost")

// troubles is what may happen to a request. Those of the simulator come first.
var troubles = []struct {
	fault lockerlinetest.Fault
	late  bool // the answer is lost at once, and the request arrives later
	gone  bool // access tokens are revoked before
}{
	{fault: lockerlinetest.Disconnect(lockerlinetest.Before)},
	{fault: lockerlinetest.Disconnect(lockerlinetest.After)},
	{fault: lockerlinetest.Disconnect(lockerlinetest.After)},
	{fault: lockerlinetest.Disconnect(lockerlinetest.Within)},
	{fault: lockerlinetest.Status(http.StatusInternalServerError)},
	{fault: lockerlinetest.Status(http.StatusServiceUnavailable).AfterEffect()},
	{fault: lockerlinetest.HTML(http.StatusBadGateway).AfterEffect()},
	{fault: lockerlinetest.RateLimited(time.Second)},
	{fault: lockerlinetest.Latency(3 * time.Second)},
	{fault: lockerlinetest.Latency(20 * time.Second)},
	{fault: lockerlinetest.Truncated()},
	{late: true},
	{gone: true},
}

// RoundTrip takes a request to the simulator, or does not.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	trouble := troubles[l.rng.IntN(len(troubles))]
	hit := l.rng.Float64() < l.trouble
	delay := time.Duration(1+l.rng.IntN(25)) * time.Second
	l.mu.Unlock()
	if !hit {
		return l.deliver(r)
	}
	switch {
	case trouble.late:
		c := r.Clone(context.WithoutCancel(r.Context()))
		if r.GetBody != nil {
			c.Body, _ = r.GetBody()
		}
		l.late.Go(func() {
			time.Sleep(delay)
			if res, err := l.deliver(c); err == nil {
				_ = res.Body.Close()
			}
		})
		l.lose()
		return nil, errLost
	case trouble.gone:
		l.srv.RevokeTokens()
		return l.deliver(r)
	}
	l.srv.Fail(lockerlinetest.AnyOperation, trouble.fault)
	res, err := l.deliver(r)
	if err != nil {
		l.lose()
	}
	return res, err
}

func (l *line) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost++
}

// deliver lets a request arrive, and notes who took a locker by it.
func (l *line) deliver(r *http.Request) (*http.Response, error) {
	ref, writes := lockerOf(r)
	if !writes {
		return l.srv.HTTPClient().Transport.RoundTrip(r)
	}
	before, _ := l.srv.Locker(ref)
	res, err := l.srv.HTTPClient().Transport.RoundTrip(r)
	if before.Owner != l.us && l.ours(ref) {
		l.took(ref, fmt.Sprint(r.Context().Value(referenceKey{})), before.Full)
	}
	return res, err
}

func (l *line) ours(ref harbor.LockerRef) bool {
	v, there := l.srv.Locker(ref)
	return there && v.Owner == l.us
}

// took notes that a delivery got a locker. It must not have another one that is still ours.
//
// The locker may be full: a phone without a connection put a parcel in, the rental ran out,
// and Harbor, who has not heard, gives the locker away. Nothing that it says tells the two
// deliveries apart from then on.
func (l *line) took(ref harbor.LockerRef, reference string, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken++
	if full {
		l.spoiled[reference], l.spoiled[l.holder[ref]] = true, true
	}
	for other, who := range l.holder {
		if who == reference && other != ref && l.ours(other) {
			l.violated = append(l.violated, fmt.Sprintf("%s took %s while it had %s", reference, ref, other))
		}
	}
	l.holder[ref] = reference
}

// lockerOf names the locker that a write is about.
func lockerOf(r *http.Request) (harbor.LockerRef, bool) {
	parts := strings.Split(r.URL.Path, "/")
	if r.Method == http.MethodGet || len(parts) < 7 || parts[3] != "towers" {
		return harbor.LockerRef{}, false
	}
	id, err := strconv.ParseInt(parts[6], 10, 64)
	return harbor.LockerRef{Tower: harbor.TowerID(parts[4]), Locker: harbor.LockerID(id)}, err == nil
}

package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// rig is a simulator, a store and a manager, in a bubble of virtual time.
type rig struct {
	*testing.T
	*delivery.Manager
	srv    *harbortest.Server
	store  delivery.Store
	client *harbor.Client
	told   *told
}

const tower harbor.TowerID = "0100000000000175"

// inBubble runs a test with a rig of its own.
func inBubble(t *testing.T, test func(r *rig), opts ...delivery.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(newRig(t, opts...))
	})
}

func newRig(t *testing.T, opts ...delivery.Option) *rig {
	t.Helper()
	srv, err := harbortest.New()
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	r := &rig{T: t, srv: srv, store: delivery.NewMemoryStore(), told: &told{}}
	r.client = newClient(t, srv)
	r.Manager = r.another(opts...)
	return r
}

func newClient(t testing.TB, srv *harbortest.Server) *harbor.Client {
	t.Helper()
	c, err := srv.Client()
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// another returns a further manager over the same store, as after a restart.
func (r *rig) another(opts ...delivery.Option) *delivery.Manager {
	r.Helper()
	m, err := delivery.New(r.client, r.store, append([]delivery.Option{delivery.WithNotify(r.told.notify)}, opts...)...)
	require.NoError(r, err)
	return m
}

// run lets the manager run until the test ends, or stop is called.
func (r *rig) run() (stop func()) {
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- r.Manager.Run(ctx) }()
	synctest.Wait()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(r, <-done)
	})
	r.Cleanup(stop)
	return stop
}

func request(reference string) delivery.Request {
	return delivery.Request{Reference: reference, Tower: tower, Types: []string{"small"}}
}

var forFive = harbor.TokenRequest{Duration: 5 * time.Minute}

func (r *rig) start(reference string) *delivery.Delivery {
	r.Helper()
	d, err := r.Start(r.Context(), request(reference))
	require.NoError(r, err)
	require.Equal(r, delivery.PhaseReserved, d.Phase)
	return d
}

// rented is a delivery whose drop-off token is out.
func (r *rig) rented(reference string) *harbor.LockerToken {
	r.Helper()
	r.start(reference)
	t, err := r.DropoffToken(r.Context(), reference, forFive)
	require.NoError(r, err)
	return t
}

// stored is a delivery whose parcel was put in and seen.
func (r *rig) stored(reference string) {
	r.Helper()
	r.open(r.rented(reference))
	_, err := r.Reconcile(r.Context())
	require.NoError(r, err)
	require.Equal(r, delivery.PhaseStored, r.get(reference).Phase)
}

// open takes a phone with a token to the tower.
func (r *rig) open(t *harbor.LockerToken) {
	r.Helper()
	phone := r.srv.Phone(r.srv.AccessToken("", harbor.ScopeTowerAccess))
	require.NoError(r, phone.Connect(t.Tower))
	_, err := phone.Use(t.Payload, t.PayloadAuth)
	require.NoError(r, err)
	require.NoError(r, phone.CloseDoor())
}

// sync lets anybody's phone connect to the tower.
func (r *rig) sync() {
	r.Helper()
	require.NoError(r, r.srv.Phone(r.srv.AccessToken("", harbor.ScopeTowerAccess)).Connect(tower))
}

func (r *rig) get(reference string) *delivery.Delivery {
	r.Helper()
	d, err := r.Get(r.Context(), reference)
	require.NoError(r, err)
	return d
}

// record is what is stored of a delivery.
func (r *rig) record(reference string) *delivery.Record {
	r.Helper()
	row, err := r.store.Get(r.Context(), reference)
	require.NoError(r, err)
	d, err := delivery.ReadRow(row)
	require.NoError(r, err)
	return d
}

func (r *rig) status(ref harbor.LockerRef) harbor.LockerStatus {
	v, there := r.srv.Locker(ref)
	require.True(r, there)
	return v.Status
}

// mine is how many lockers are held in our name.
func (r *rig) mine() int {
	n := 0
	for _, v := range r.srv.Snapshot() {
		if v.Owner == harbortest.DefaultClientID {
			n++
		}
	}
	return n
}

// told is what hooks were told, in order.
type told struct {
	mu   sync.Mutex
	all  []string
	fail func(n delivery.Notice) error
	at   []time.Time
}

func (t *told) notify(_ context.Context, n delivery.Notice) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, fmt.Sprintf("%s %d %s", n.Reference, n.Seq, n.Kind))
	t.at = append(t.at, time.Now())
	if t.fail != nil {
		return t.fail(n)
	}
	return nil
}

func (t *told) list() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.all)
}

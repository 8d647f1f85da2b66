package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// rules are what a world is played by. The zero value is how it should be.
type rules struct {
	store   func(delivery.Store) delivery.Store // as a process sees it
	line    func(http.RoundTripper) http.RoundTripper
	options []delivery.Option
	quirks  harbortest.Quirks
	sizes   []int // towers, lockers in each
}

// world is a Harbor, an application with deliveries, couriers, customers and a neighbour,
// all played by one goroutine from one seed.
type world struct {
	rng     *rand.Rand
	rules   rules
	srv     *harbortest.Server
	towers  []harbor.TowerID
	store   delivery.Store
	faulty  *line
	line    http.RoundTripper
	process *process
	orders  []*order
	kills   int

	neighbour *harbor.Client
	theirs    []harbor.LockerRef
}

// order is what the application and the people around it know of a delivery.
type order struct {
	reference string
	drop      *harbor.LockerToken
	pick      *harbor.LockerToken
	want      want
	putIn     bool // by the simulator's truth
	takenOut  bool
	calledOff bool
}

type want int

const (
	wantLocker want = iota
	wantDropoff
	wantParcelIn
	wantPickup
	wantParcelOut
	wantCancel
	wantNothing
)

const theNeighbour = "neighbour"

func newWorld(seed uint64, n int, r rules) *world {
	if r.sizes == nil {
		r.sizes = []int{3, 6}
	}
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), rules: r, store: delivery.NewMemoryStore()}
	site := harbortest.Location{ID: 1, Name: "Crash Street", City: "Los Angeles", Country: "United States"}
	types := []harbortest.LockerType{{ID: 1, Name: "small"}, {ID: 2, Name: "large"}}
	for t := range r.sizes[0] {
		tower := harbortest.Tower{ID: harbor.TowerID(fmt.Sprintf("01%014x", t+1)), Name: "T"}
		for i := range r.sizes[1] {
			tower.Lockers = append(tower.Lockers, harbortest.Locker{
				ID: harbor.LockerID(100*(t+1) + i), Name: fmt.Sprint(i + 1), Type: types[i%2],
			})
		}
		w.towers = append(w.towers, tower.ID)
		site.Towers = append(site.Towers, tower)
	}
	srv, err := harbortest.New(harbortest.WithLocations(site), harbortest.WithProvider(theNeighbour, "secret"), harbortest.WithQuirks(r.quirks))
	if err != nil {
		panic(err)
	}
	w.srv = srv
	w.faulty = &line{
		srv: srv, us: srv.Credentials().ClientID, rng: rand.New(rand.NewPCG(seed, 2)), trouble: 0.15,
		holder: map[harbor.LockerRef]string{}, spoiled: map[string]bool{},
	}
	w.line = w.faulty
	if r.line != nil {
		w.line = r.line(w.line)
	}
	creds, _ := srv.CredentialsOf(theNeighbour)
	if w.neighbour, err = harbor.NewClient(srv.Environment(), creds, lockerline.WithHTTPClient(srv.HTTPClient())); err != nil {
		panic(err)
	}
	for i := range n {
		w.orders = append(w.orders, &order{reference: fmt.Sprintf("order-%04d", i)})
	}
	w.process = w.spawn(w.life())
	return w
}

func (w *world) close() {
	w.faulty.late.Wait()
	_ = w.process.client.Close()
	_ = w.neighbour.Close()
	w.srv.Close()
}

// life is how many steps a process has: often few, so that it dies in the middle of things.
func (w *world) life() int {
	if w.rng.IntN(4) == 0 {
		return 20 + w.rng.IntN(200)
	}
	return 1 + w.rng.IntN(30)
}

// atOnce is how many orders are under way at a time.
const atOnce = 8

// play lets everything happen, in an order that the seed gives, until every order is done
// with or the patience of all is over.
func (w *world) play(ctx context.Context) {
	waiting := w.orders
	var open []*order
	for range 40 * len(w.orders) {
		open = slices.DeleteFunc(open, func(o *order) bool { return o.want == wantNothing })
		for len(open) < atOnce && len(waiting) > 0 {
			open, waiting = append(open, waiting[0]), waiting[1:]
		}
		if len(open) == 0 {
			return
		}
		switch k := w.rng.IntN(100); {
		case k < 75:
			w.act(ctx, open[w.rng.IntN(len(open))])
		case k < 80:
			time.Sleep(time.Duration(w.rng.IntN(60)) * time.Second)
		case k < 88:
			_, _ = w.process.Reconcile(ctx)
		case k < 94:
			w.interfere(ctx)
		default:
			w.sync(w.towers[w.rng.IntN(len(w.towers))])
		}
		if w.process.dead() {
			w.restart(ctx)
		}
	}
}

func (w *world) restart(ctx context.Context) {
	for w.process.dead() {
		w.kills++
		_ = w.process.client.Close()
		time.Sleep(time.Duration(w.rng.IntN(5)) * time.Second)
		w.process = w.spawn(w.life())
		if w.rng.IntN(3) > 0 {
			_, _ = w.process.Reconcile(ctx) // may be the end of it again
		}
	}
}

// calm ends all trouble and lets everything settle.
func (w *world) calm(ctx context.Context) {
	w.faulty.late.Wait()
	w.faulty.trouble = 0
	w.srv.ClearFaults()
	_ = w.process.client.Close()
	w.process = w.spawn(math.MaxInt)
	for range 8 {
		time.Sleep(6 * time.Minute)
		for _, t := range w.towers {
			w.sync(t)
		}
		if _, err := w.process.Reconcile(ctx); err != nil {
			panic(err)
		}
	}
}

var tokenFor = harbor.TokenRequest{Duration: 4 * time.Minute}

// act takes an order's next step, or what the people around it think of.
func (w *world) act(ctx context.Context, o *order) {
	ctx = by(ctx, o.reference)
	if (o.want == wantLocker || o.want == wantDropoff || o.want == wantParcelIn) && w.rng.IntN(40) == 0 {
		o.want = wantCancel
	}
	var err error
	switch o.want {
	case wantLocker:
		var d *delivery.Delivery
		d, err = w.process.Start(ctx, delivery.Request{
			Reference: o.reference, Location: 1, Types: []string{"small", "large"}, ReserveFor: 3 * time.Minute,
		})
		if err == nil && d.Phase != delivery.PhaseSearching {
			o.want = wantDropoff
		}
	case wantDropoff:
		if o.drop, err = w.process.DropoffToken(ctx, o.reference, tokenFor); err == nil {
			o.want = wantParcelIn
		}
	case wantParcelIn:
		if w.rng.IntN(6) == 0 {
			o.want = wantDropoff // the courier lost it
			break
		}
		w.use(o, o.drop)
		if o.putIn {
			o.want = wantPickup
		}
	case wantPickup:
		if w.rng.IntN(20) == 0 {
			o.want = wantNothing // nobody comes for it
			break
		}
		if o.pick, err = w.process.PickupToken(ctx, o.reference, tokenFor); err == nil {
			o.want = wantParcelOut
		}
	case wantParcelOut:
		if w.rng.IntN(6) == 0 {
			o.want = wantPickup
			break
		}
		if w.use(o, o.pick) {
			o.takenOut, o.want = true, wantNothing
		}
	case wantCancel:
		o.calledOff = true
		if _, err = w.process.Cancel(ctx, o.reference); err == nil && w.rng.IntN(3) > 0 {
			o.want = wantNothing
		} else if o.drop != nil && !o.putIn {
			w.use(o, o.drop) // the courier does not know
		}
		if o.putIn {
			o.want = wantPickup
		}
	}
	if _, wrong := errors.AsType[*delivery.PhaseError](err); wrong && o.want < wantParcelIn {
		o.want = wantNothing // it expired: the application gives up
	}
}

// use takes a phone to the tower. Now and then it is offline, and somebody else's phone
// brings the news later.
func (w *world) use(o *order, t *harbor.LockerToken) bool {
	phone := w.srv.Phone(w.srv.AccessToken("", harbor.ScopeTowerAccess))
	if phone.Connect(t.Tower) != nil {
		return false
	}
	defer phone.Disconnect()
	phone.SetOnline(w.rng.IntN(5) > 0)
	if _, err := phone.Use(t.Payload, t.PayloadAuth); err != nil {
		return false
	}
	_ = phone.CloseDoor()
	if t == o.drop {
		o.putIn = true
	}
	return true
}

func (w *world) sync(t harbor.TowerID) {
	phone := w.srv.Phone(w.srv.AccessToken("", harbor.ScopeTowerAccess))
	_ = phone.Connect(t)
	phone.Disconnect()
}

// interfere lets the neighbour take a locker, or give one back.
func (w *world) interfere(ctx context.Context) {
	if len(w.theirs) > 3 {
		_ = w.neighbour.Lockers.CancelReservation(ctx, w.theirs[0])
		w.theirs = w.theirs[1:]
		return
	}
	lockers, err := w.neighbour.Towers.Lockers(ctx, w.towers[w.rng.IntN(len(w.towers))])
	if err != nil || len(lockers) == 0 {
		return
	}
	l := lockers[w.rng.IntN(len(lockers))]
	if _, err := w.neighbour.Lockers.Reserve(ctx, l.Ref(), 5*time.Minute); err == nil {
		w.theirs = append(w.theirs, l.Ref())
	}
}

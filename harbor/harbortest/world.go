package harbortest

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// world is what Harbor knows, and the towers, which know other things. Server.mu guards
// all of it.
type world struct {
	clock     clock
	quirks    Quirks
	linkLife  time.Duration
	linkKey   []byte
	sites     []*site
	towers    map[harbor.TowerID]*tower
	lockers   map[harbor.LockerID]*locker
	access    map[string]*accessToken
	links     map[int64]*link
	doorToken map[uint32]*doorToken
	nextID    uint32
	nextDue   time.Time // no reservation or rental runs out before; zero: none does
}

type site struct {
	Location
	towers []*tower
}

// tower is Harbor's view of a tower; device is the thing itself.
type tower struct {
	Tower
	id      harbor.TowerID
	site    *site
	lockers []*locker
	key     []byte // shared with the device

	commands []command // told to no phone yet
	lastCmd  uint32
	lastSeen uint32 // events of the device known here
	device   *device
}

// locker is Harbor's view of a locker.
type locker struct {
	Locker
	tower  *tower
	status harbor.LockerStatus
	since  time.Time
	owner  string
	until  time.Time // a reservation or an unused rental ends; zero: never
	rental uint32    // counts who had it; tokens of an earlier one are worth nothing

	reservation int64  // id, 0 when none
	releaseCmd  uint32 // the command that tells the tower of the release
}

// doorToken is what Harbor remembers of a locker token it handed out.
type doorToken struct {
	owner      string
	clientInfo string
	link       int64
}

func newWorld(cfg config) (world, error) {
	isProvider := func(id string) bool {
		return slices.ContainsFunc(cfg.providers, func(c harbor.Credentials) bool { return c.ClientID == id })
	}
	if err := checkLocations(cfg.locations, isProvider); err != nil {
		return world{}, err
	}
	w := world{
		clock: clock{frozen: cfg.start}, quirks: cfg.quirks, linkLife: cfg.linkLife, linkKey: randomKey(),
		towers: map[harbor.TowerID]*tower{}, lockers: map[harbor.LockerID]*locker{},
		access: map[string]*accessToken{}, links: map[int64]*link{}, doorToken: map[uint32]*doorToken{},
		nextID: 200,
	}
	now := w.clock.now()
	for _, loc := range cfg.locations {
		st := &site{Location: loc}
		for _, t := range loc.Towers {
			tw := &tower{Tower: t, id: t.ID.Normalize(), site: st, key: randomKey()}
			tw.device = newDevice(tw.key)
			for _, l := range t.Lockers {
				lk := &locker{Locker: l, tower: tw, status: l.Status, since: now, owner: l.Owner}
				if lk.status == "" {
					lk.status = harbor.StatusAvailable
				}
				if lk.owner != "" {
					lk.rental = 1
				}
				tw.device.install(l.ID, lk.status == harbor.StatusOccupied)
				if lk.status == harbor.StatusReleased {
					tw.tell(lk)
				}
				tw.lockers = append(tw.lockers, lk)
				w.lockers[l.ID] = lk
			}
			st.towers = append(st.towers, tw)
			w.towers[tw.id] = tw
		}
		w.sites = append(w.sites, st)
	}
	return w, nil
}

func (w *world) id() uint32 {
	w.nextID++
	return w.nextID
}

// lockers of a site, over all its towers.
func (st *site) allLockers() []*locker {
	var all []*locker
	for _, t := range st.towers {
		all = append(all, t.lockers...)
	}
	return all
}

// find returns the locker of a reference, nil when there is none.
func (w *world) find(ref harbor.LockerRef) *locker {
	l := w.lockers[ref.Locker]
	if l == nil || l.tower.id != ref.Tower.Normalize() {
		return nil
	}
	return l
}

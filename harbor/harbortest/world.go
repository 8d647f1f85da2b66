package harbortest

import (
	"crypto/rand"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// world is the state of Harbor and of the towers. Server.mu guards it.
type world struct {
	clock     *lockerlinetest.Clock
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
	nextDue   time.Time // the first end of a reservation or rental; zero: none
}

type site struct {
	Location
	towers []*tower
}

// tower is Harbor's view of a tower; device is its hardware.
type tower struct {
	Tower
	id      harbor.TowerID
	site    *site
	lockers []*locker
	key     []byte // shared with the device

	commands []command // not carried out yet
	lastCmd  uint32
	lastSeen uint32 // last event of the device that is known here
	device   *device
}

// locker is Harbor's view of a locker.
type locker struct {
	Locker
	tower  *tower
	status harbor.LockerStatus
	since  time.Time
	owner  string
	until  time.Time // end of the reservation or unused rental; zero: none
	rental uint32    // number of the present rental; tokens of earlier ones are revoked

	reservation int64  // id, 0 when none
	releaseCmd  uint32 // the command that tells the tower of the release
}

// doorToken is what Harbor remembers of a locker token.
type doorToken struct {
	owner      string
	clientInfo string
	link       int64
}

func newWorld(cfg *config) world {
	w := world{
		clock: cfg.clock, quirks: cfg.quirks, linkLife: cfg.linkLife, linkKey: randomKey(),
		towers: map[harbor.TowerID]*tower{}, lockers: map[harbor.LockerID]*locker{},
		access: map[string]*accessToken{}, links: map[int64]*link{}, doorToken: map[uint32]*doorToken{},
		nextID: 200,
	}
	now := w.clock.Now()
	for _, loc := range cfg.locations {
		st := &site{Location: loc}
		for _, t := range loc.Towers {
			tw := &tower{Tower: t, id: t.ID.Normalize(), site: st, key: randomKey()}
			tw.device = newDevice(tw.key)
			for _, l := range t.Lockers {
				lk := &locker{Locker: l, tower: tw, status: l.Status, since: now, owner: l.Owner}
				if lk.status == "" {
					lk.status = harbor.LockerStatusAvailable
				}
				if lk.owner != "" {
					lk.rental = 1
				}
				tw.device.install(l.ID, lk.status == harbor.LockerStatusOccupied)
				if lk.status == harbor.LockerStatusReleased {
					tw.endRental(lk)
				}
				tw.lockers = append(tw.lockers, lk)
				w.lockers[l.ID] = lk
			}
			st.towers = append(st.towers, tw)
			w.towers[tw.id] = tw
		}
		w.sites = append(w.sites, st)
	}
	return w
}

func randomKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

func (w *world) id() uint32 {
	w.nextID++
	return w.nextID
}

// allLockers returns the lockers of all towers of a site.
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

// LockerView is one locker as Harbor and the tower see it.
type LockerView struct {
	Ref          harbor.LockerRef
	Location     harbor.LocationID
	LocationName string
	Name         string // the number on the door
	Type         LockerType
	Low          bool

	// Harbor's side.
	Status  harbor.LockerStatus
	Since   time.Time // when Harbor learned of the status
	Owner   string    // client id; empty: none
	Expires time.Time // end of the reservation or unused rental; zero: none

	// The tower's side.
	DoorOpen bool
	Full     bool // a parcel is inside
	Unsynced bool // an event or a command of this locker waits for a phone
}

// Snapshot returns all lockers, in the order of the locations.
func (s *Server) Snapshot() []LockerView {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []LockerView
	for _, st := range s.sites {
		for _, l := range st.allLockers() {
			out = append(out, view(st, l))
		}
	}
	return out
}

// Locker returns one locker, false when there is none.
func (s *Server) Locker(ref harbor.LockerRef) (LockerView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	l := s.find(ref)
	if l == nil {
		return LockerView{}, false
	}
	return view(l.tower.site, l), true
}

func view(st *site, l *locker) LockerView {
	d := l.tower.device
	door := d.doors[uint32(l.ID)]
	v := LockerView{
		Ref:      harbor.LockerRef{Tower: l.tower.id, Locker: l.ID},
		Location: st.ID, LocationName: st.Name, Name: l.Name, Type: l.Type, Low: l.Low,
		Status: l.status, Since: l.since, Owner: l.owner, Expires: l.until,
		DoorOpen: door.open, Full: door.parcelOf != 0,
	}
	for _, e := range d.events {
		v.Unsynced = v.Unsynced || e.Locker == uint32(l.ID)
	}
	for _, c := range l.tower.commands {
		v.Unsynced = v.Unsynced || c.Locker == uint32(l.ID)
	}
	return v
}

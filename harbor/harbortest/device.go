package harbortest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Why a tower keeps a door shut, for errors.Is.
var (
	// ErrNotConnected is a phone without a session with a tower.
	ErrNotConnected = errors.New("harbortest: the phone is not connected to a tower")
	// ErrSession is a session that was refused or ran out.
	ErrSession = errors.New("harbortest: the tower refused the session")
	// ErrForged is a payload that this tower's seal does not fit.
	ErrForged = errors.New("harbortest: not a token for this tower")
	// ErrExpired is a locker token whose time is over.
	ErrExpired = errors.New("harbortest: the locker token has expired")
	// ErrUsed is a locker token that opened the door already.
	ErrUsed = errors.New("harbortest: the locker token was used before")
	// ErrRevoked is a locker token of a rental that is over.
	ErrRevoked = errors.New("harbortest: the rental of the locker token is over")
	// ErrNoDoor is a door to close or to open again when none was opened.
	ErrNoDoor = errors.New("harbortest: no door was opened in this session")
)

// device is a tower as it stands there: it knows its doors, and what phones brought.
type device struct {
	key     []byte // of this tower alone: what is sealed for another does not fit
	doors   map[uint32]*door
	spent   map[uint32]time.Time // tokens used, until when they would have been good
	events  []deviceEvent        // not known to Harbor yet
	lastSeq uint32
	lastCmd uint32
}

type door struct {
	open  bool
	holds uint32 // the rental whose parcel is inside, 0 when empty
	floor uint32 // tokens of rentals below are worth nothing
}

func newDevice(key []byte) *device {
	return &device{key: key, doors: map[uint32]*door{}, spent: map[uint32]time.Time{}}
}

func (d *device) install(id harbor.LockerID, full bool) {
	dr := &door{}
	if full {
		dr.holds = 1
	}
	d.doors[uint32(id)] = dr
}

// read checks the seal of a pass, whom it is for, and its time.
func (d *device) read(payload, auth string, now time.Time) (pass, error) {
	raw, err := unsealHex(d.key, payload, auth)
	if err != nil {
		return pass{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	p, err := decodePass(raw)
	if err != nil {
		return pass{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if now.UnixMilli() >= p.Expires {
		return p, ErrExpired
	}
	return p, nil
}

// use opens the door a locker token is for and notes it.
func (d *device) use(payload, auth string, now time.Time) (uint32, error) {
	p, err := d.read(payload, auth, now)
	if err != nil {
		return 0, err
	}
	dr := d.doors[p.Locker]
	if dr == nil {
		return 0, ErrForged // a session opens no door
	}
	if _, used := d.spent[p.ID]; used {
		return 0, ErrUsed
	}
	if p.Rental < dr.floor {
		return 0, ErrRevoked
	}
	d.forget(now)
	d.spent[p.ID] = time.UnixMilli(p.Expires)
	dr.open = true
	if p.Kind == kindPickup {
		dr.holds, dr.floor = 0, p.Rental+1
	} else {
		dr.holds, dr.floor = p.Rental, p.Rental
	}
	d.note(deviceEvent{kind: p.Kind, locker: p.Locker, rental: p.Rental, ref: p.ID})
	return p.Locker, nil
}

// forget drops spent tokens that would be refused for their time anyway.
func (d *device) forget(now time.Time) {
	for id, until := range d.spent {
		if !now.Before(until) {
			delete(d.spent, id)
		}
	}
}

func (d *device) note(e deviceEvent) {
	d.lastSeq++
	e.seq = d.lastSeq
	d.events = append(d.events, e)
}

// obey carries out commands and notes the last of them.
func (d *device) obey(cs []command) {
	for _, c := range cs {
		if c.seq <= d.lastCmd {
			continue
		}
		d.lastCmd = c.seq
		if dr := d.doors[c.locker]; dr != nil {
			dr.floor = max(dr.floor, c.rental+1)
		}
	}
	d.note(deviceEvent{kind: eventSynced, ref: d.lastCmd})
}

// known drops events that Harbor has.
func (d *device) known(seq uint32) {
	d.events = slices.DeleteFunc(d.events, func(e deviceEvent) bool { return e.seq <= seq })
}

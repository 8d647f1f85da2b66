package harbortest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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
	d.note(deviceEvent{Kind: uint32(p.Kind), Locker: p.Locker, Rental: p.Rental, Ref: p.ID})
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
	e.Seq = d.lastSeq
	d.events = append(d.events, e)
}

// obey carries out commands and notes the last of them.
func (d *device) obey(cs []command) {
	for _, c := range cs {
		if c.Seq <= d.lastCmd {
			continue
		}
		d.lastCmd = c.Seq
		if dr := d.doors[c.Locker]; dr != nil {
			dr.floor = max(dr.floor, c.Rental+1)
		}
	}
	d.note(deviceEvent{Kind: eventSynced, Ref: d.lastCmd})
}

// known drops events that Harbor has.
func (d *device) known(seq uint32) {
	d.events = slices.DeleteFunc(d.events, func(e deviceEvent) bool { return e.Seq <= seq })
}

// What Harbor and a tower say to each other goes through phones that neither trusts: a
// payload, and a seal over it by a key that only the two know. Both travel as hexadecimal.

const sealLen = 16

func seal(key, payload []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(payload)
	return mac.Sum(nil)[:sealLen]
}

func sealHex(key, payload []byte) (payloadHex, authHex string) {
	return hex.EncodeToString(payload), hex.EncodeToString(seal(key, payload))
}

var errForged = errors.New("payload and payload_auth do not belong together")

func unsealHex(key []byte, payloadHex, authHex string) ([]byte, error) {
	payload, err := hex.DecodeString(payloadHex)
	if err != nil {
		return nil, errors.New("payload is not hexadecimal")
	}
	auth, err := hex.DecodeString(authHex)
	if err != nil {
		return nil, errors.New("payload_auth is not hexadecimal")
	}
	if !hmac.Equal(auth, seal(key, payload)) {
		return nil, errForged
	}
	return payload, nil
}

// The messages. Their first byte tells them apart, so that none passes for another.

const (
	kindDropoff byte = iota + 1
	kindPickup
	kindSession
	kindCommands
	kindEvents
)

// pass is a locker token, or with a zero locker a session.
type pass struct {
	Kind    byte
	Locker  uint32
	Rental  uint32
	ID      uint32
	Expires int64 // Unix milliseconds
}

// command ends a rental at the device.
type command struct{ Seq, Locker, Rental uint32 }

// deviceEvent is something the device noted. Ref is the token used, or the last command
// carried out.
type deviceEvent struct{ Seq, Kind, Locker, Rental, Ref uint32 }

// Kinds of deviceEvent.
const (
	eventPickup = uint32(kindPickup)
	eventSynced = uint32(kindCommands)
)

func (p pass) encode() []byte {
	b, _ := binary.Append(nil, binary.BigEndian, p) // fixed size: never fails
	return b
}

func decodePass(b []byte) (pass, error) {
	var p pass
	if n, err := binary.Decode(b, binary.BigEndian, &p); err != nil || n != len(b) {
		return pass{}, errForged
	}
	return p, nil
}

// encodeAll writes messages of one kind.
func encodeAll[T command | deviceEvent](kind byte, messages []T) []byte {
	b, _ := binary.Append([]byte{kind}, binary.BigEndian, messages) // fixed size: never fails
	return b
}

func decodeAll[T command | deviceEvent](kind byte, b []byte) ([]T, error) {
	width := binary.Size(*new(T))
	if len(b) == 0 || b[0] != kind || (len(b)-1)%width != 0 {
		return nil, errForged
	}
	messages := make([]T, (len(b)-1)/width)
	_, err := binary.Decode(b[1:], binary.BigEndian, messages)
	return messages, err
}

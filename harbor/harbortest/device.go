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

// Reasons why a tower keeps a door shut, for errors.Is.
var (
	// ErrNotConnected says that the phone has no session with a tower.
	ErrNotConnected = errors.New("harbortest: the phone is not connected to a tower")
	// ErrSession says that the session was refused or has expired.
	ErrSession = errors.New("harbortest: the tower refused the session")
	// ErrForged says that the payload was not sealed for this tower.
	ErrForged = errors.New("harbortest: the payload is not sealed for this tower")
	// ErrExpired says that the locker token has expired.
	ErrExpired = errors.New("harbortest: the locker token has expired")
	// ErrUsed says that the locker token was used before.
	ErrUsed = errors.New("harbortest: the locker token was used before")
	// ErrRevoked says that the rental of the locker token has ended.
	ErrRevoked = errors.New("harbortest: the rental of the locker token has ended")
	// ErrNoDoor says that no door was opened in this session.
	ErrNoDoor = errors.New("harbortest: no door was opened in this session")
)

// device is the hardware of a tower: it knows its doors and the commands that phones
// brought.
type device struct {
	key     []byte // of this tower alone
	doors   map[uint32]*door
	spent   map[uint32]time.Time // used tokens and when they expire
	events  []deviceEvent        // not sent to Harbor yet
	lastSeq uint32
	lastCmd uint32
}

type door struct {
	open      bool
	parcelOf  uint32 // rental of the parcel inside; 0: empty
	minRental uint32 // tokens of earlier rentals are revoked
}

func newDevice(key []byte) *device {
	return &device{key: key, doors: map[uint32]*door{}, spent: map[uint32]time.Time{}}
}

func (d *device) install(id harbor.LockerID, full bool) {
	dr := &door{}
	if full {
		dr.parcelOf = 1
	}
	d.doors[uint32(id)] = dr
}

// read checks the seal and the time of a pass.
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

// use opens the door of a locker token and notes the event.
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
	if p.Rental < dr.minRental {
		return 0, ErrRevoked
	}
	d.forget(now)
	d.spent[p.ID] = time.UnixMilli(p.Expires)
	dr.open = true
	if p.Kind == kindPickup {
		dr.parcelOf, dr.minRental = 0, p.Rental+1
	} else {
		dr.parcelOf, dr.minRental = p.Rental, p.Rental
	}
	d.note(deviceEvent{Kind: uint32(p.Kind), Locker: p.Locker, Rental: p.Rental, Ref: p.ID})
	return p.Locker, nil
}

// forget drops used tokens that have expired.
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

// execute carries out commands and notes the last of them.
func (d *device) execute(cs []command) {
	for _, c := range cs {
		if c.Seq <= d.lastCmd {
			continue
		}
		d.lastCmd = c.Seq
		if dr := d.doors[c.Locker]; dr != nil {
			dr.minRental = max(dr.minRental, c.Rental+1)
		}
	}
	d.note(deviceEvent{Kind: eventSynced, Ref: d.lastCmd})
}

// acknowledge drops the events that Harbor has.
func (d *device) acknowledge(seq uint32) {
	d.events = slices.DeleteFunc(d.events, func(e deviceEvent) bool { return e.Seq <= seq })
}

// Messages between Harbor and a tower go through phones that neither trusts. A message is
// a payload and a seal over it, by a key that Harbor and the tower share; both are
// hexadecimal.

const sealLen = 16

func seal(key, payload []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(payload)
	return mac.Sum(nil)[:sealLen]
}

func sealHex(key, payload []byte) (payloadHex, authHex string) {
	return hex.EncodeToString(payload), hex.EncodeToString(seal(key, payload))
}

var errForged = errors.New("payload_auth does not fit payload")

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

// Kinds of messages, in their first byte.

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

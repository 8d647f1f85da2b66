package harbortest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

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
type command struct{ seq, locker, rental uint32 }

// deviceEvent is something the device noted.
type deviceEvent struct {
	seq    uint32
	kind   byte
	locker uint32
	rental uint32
	ref    uint32 // the token used, or the last command carried out
}

const (
	eventDropoff = kindDropoff
	eventPickup  = kindPickup
	eventSynced  = kindCommands
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

func encodeCommands(cs []command) []byte {
	b := []byte{kindCommands}
	for _, c := range cs {
		for _, v := range [...]uint32{c.seq, c.locker, c.rental} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
	}
	return b
}

func decodeCommands(b []byte) ([]command, error) {
	words, err := decodeWords(b, kindCommands, 3)
	cs := make([]command, 0, len(words)/3)
	for i := 0; i < len(words); i += 3 {
		cs = append(cs, command{words[i], words[i+1], words[i+2]})
	}
	return cs, err
}

func encodeEvents(es []deviceEvent) []byte {
	b := []byte{kindEvents}
	for _, e := range es {
		for _, v := range [...]uint32{e.seq, uint32(e.kind), e.locker, e.rental, e.ref} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
	}
	return b
}

func decodeEvents(b []byte) ([]deviceEvent, error) {
	words, err := decodeWords(b, kindEvents, 5)
	es := make([]deviceEvent, 0, len(words)/5)
	for i := 0; i < len(words); i += 5 {
		es = append(es, deviceEvent{words[i], byte(words[i+1]), words[i+2], words[i+3], words[i+4]})
	}
	return es, err
}

func decodeWords(b []byte, kind byte, width int) ([]uint32, error) {
	if len(b) == 0 || b[0] != kind || (len(b)-1)%(4*width) != 0 {
		return nil, errForged
	}
	words := make([]uint32, 0, len(b)/4)
	for b = b[1:]; len(b) > 0; b = b[4:] {
		words = append(words, binary.BigEndian.Uint32(b))
	}
	return words, nil
}

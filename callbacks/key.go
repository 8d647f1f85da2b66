package callbacks

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Key is the identity of a change: a SHA-256 digest, never the content itself.
type Key [sha256.Size]byte

// IsZero reports whether the key was never computed.
func (k Key) IsZero() bool { return k == Key{} }

// String returns the key in lower-case hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// KeyOf returns the identity made of the given fields, in that order. Each field goes in
// with its length, so no choice of contents or separators makes two different lists equal:
// KeyOf("ab", "c") is not KeyOf("a", "bc"). Bring a field into one form first (a time as
// an instant, a number without leading zeros), or a re-send may look new.
func KeyOf(fields ...string) Key {
	var buf [keySize]byte
	b := buf[:0]
	for _, f := range fields {
		b = appendText(b, f)
	}
	return digest(b)
}

// RawKey returns the identity of a body that cannot be read: of its bytes, as they came. It
// never equals a key of KeyOf or of a reservation change.
func RawKey(raw []byte) Key {
	h := sha256.New()
	_, _ = h.Write([]byte{tagRaw})
	_, _ = h.Write(raw)
	var k Key
	h.Sum(k[:0])
	return k
}

// keySize is enough for most keys, which are then made on the stack.
const keySize = 384

func digest(b []byte) Key { return sha256.Sum256(b) }

// Each field of a key begins with its kind, so that the text "true" is not the value true
// and a missing list is not an empty one.
const (
	tagText byte = iota + 1
	tagTexts
	tagInstant
	tagBool
	tagAbsent
	tagNull
	tagRaw
)

func appendText[T ~string](b []byte, s T) []byte { return appendSized(append(b, tagText), string(s)) }

func appendTexts(b []byte, list []string) []byte {
	b = binary.BigEndian.AppendUint64(append(b, tagTexts), uint64(len(list)))
	for _, s := range list {
		b = appendSized(b, s)
	}
	return b
}

func appendSized(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}

// appendInstant adds a point in time, whatever its zone.
func appendInstant(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(append(b, tagInstant), uint64(t.Unix()))
	return binary.BigEndian.AppendUint64(b, uint64(t.Nanosecond()))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, tagBool, 1)
	}
	return append(b, tagBool, 0)
}

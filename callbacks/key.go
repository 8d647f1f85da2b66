package callbacks

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// KeyOf is the identity made of the given fields, in that order. Each field goes in with
// its length, so no choice of contents or separators makes two different lists equal:
// KeyOf("ab", "c") is not KeyOf("a", "bc"). Bring a field into one form first (a time as
// an instant, a number without leading zeros), or a re-send may look new. Use KeyBuilder
// for times, lists and values that can be absent.
func KeyOf(fields ...string) Key {
	var b KeyBuilder
	for _, f := range fields {
		b.Text(f)
	}
	return b.Key()
}

// RawKey is the identity of a body that could not be read: of its bytes, as they came. It
// never equals a key of KeyOf or KeyBuilder.
func RawKey(raw []byte) Key {
	h := sha256.New()
	_, _ = h.Write([]byte{tagRaw})
	_, _ = h.Write(raw)
	var k Key
	h.Sum(k[:0])
	return k
}

// Each field starts with its kind, so that the text "true" is not the value true and a
// missing list is not an empty one.
const (
	tagText byte = iota + 1
	tagTexts
	tagInstant
	tagBool
	tagNone
	tagNull
	tagRaw
)

// KeyBuilder makes a Key of fields of several kinds. The zero value is ready; the order of
// the calls matters. It must not be copied after use nor shared between goroutines.
type KeyBuilder struct {
	n     int // how much of small is filled, while long is nil
	small [384]byte
	long  []byte
}

// Text adds a string.
func (b *KeyBuilder) Text(s string) *KeyBuilder {
	b.open(tagText)
	b.sized(s)
	return b
}

// Texts adds a list of strings, in its order.
func (b *KeyBuilder) Texts(list []string) *KeyBuilder {
	b.open(tagTexts)
	b.number(uint64(len(list)))
	for _, s := range list {
		b.sized(s)
	}
	return b
}

// Instant adds a point in time. The zone and how the time was written make no difference.
func (b *KeyBuilder) Instant(t time.Time) *KeyBuilder {
	b.open(tagInstant)
	b.number(uint64(t.Unix()))
	b.number(uint64(t.Nanosecond()))
	return b
}

// Bool adds a truth value.
func (b *KeyBuilder) Bool(v bool) *KeyBuilder {
	b.open(tagBool)
	if v {
		b.add("\x01")
	} else {
		b.add("\x00")
	}
	return b
}

// Absent adds the fact that a field was not there.
func (b *KeyBuilder) Absent() *KeyBuilder {
	b.open(tagNone)
	return b
}

// Null adds the fact that a field was there without a value.
func (b *KeyBuilder) Null() *KeyBuilder {
	b.open(tagNull)
	return b
}

// Key is the identity of all that was added so far.
func (b *KeyBuilder) Key() Key {
	if b.long != nil {
		return sha256.Sum256(b.long)
	}
	return sha256.Sum256(b.small[:b.n])
}

func (b *KeyBuilder) open(tag byte) { b.add(string(rune(tag))) }

func (b *KeyBuilder) sized(s string) {
	b.number(uint64(len(s)))
	b.add(s)
}

func (b *KeyBuilder) number(n uint64) {
	var digits [8]byte
	binary.BigEndian.PutUint64(digits[:], n)
	b.add(string(digits[:]))
}

// add keeps short keys in the builder itself, without a pointer to it, so that a builder
// stays on its caller's stack.
func (b *KeyBuilder) add(s string) {
	if b.long == nil && b.n+len(s) <= len(b.small) {
		b.n += copy(b.small[b.n:], s)
		return
	}
	if b.long == nil {
		b.long = append(make([]byte, 0, 2*(b.n+len(s))), b.small[:b.n]...)
	}
	b.long = append(b.long, s...)
}

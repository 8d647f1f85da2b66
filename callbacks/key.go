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
	buf   []byte
	small [384]byte
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
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(len(list)))
	for _, s := range list {
		b.sized(s)
	}
	return b
}

// Instant adds a point in time. The zone and how the time was written make no difference.
func (b *KeyBuilder) Instant(t time.Time) *KeyBuilder {
	b.open(tagInstant)
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(t.Unix()))
	b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(t.Nanosecond()))
	return b
}

// Bool adds a truth value.
func (b *KeyBuilder) Bool(v bool) *KeyBuilder {
	b.open(tagBool)
	if v {
		b.buf = append(b.buf, 1)
	} else {
		b.buf = append(b.buf, 0)
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
func (b *KeyBuilder) Key() Key { return sha256.Sum256(b.buf) }

func (b *KeyBuilder) open(tag byte) {
	if b.buf == nil {
		b.buf = b.small[:0]
	}
	b.buf = append(b.buf, tag)
}

func (b *KeyBuilder) sized(s string) {
	b.buf = binary.BigEndian.AppendUint64(b.buf, uint64(len(s)))
	b.buf = append(b.buf, s...)
}

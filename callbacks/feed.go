package callbacks

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Feed says what one kind of callback is: how its bytes are read, what makes two
// deliveries the same, which belong in one order, and when the change happened. The
// receiver and the inbox know nothing else about a sender.
//
// All functions must be pure and safe for concurrent use. Key, Group and Time are asked
// only about values that Decode returned without an error.
type Feed[T any] struct {
	// Name identifies the feed in a shared inbox, in logs and in metrics, for
	// example "reservations". It must not be empty and must stay the same for ever:
	// stored callbacks are found by it.
	Name string
	// Decode reads one body. An error means that the body cannot be read, now; the
	// bytes are kept and may be read by a later version.
	Decode func(raw []byte) (T, error)
	// Key is the identity of the change: equal for every re-send of it, different
	// for every other change. Use KeyOf, which cannot be fooled by separators.
	Key func(T) Key
	// Slot is what an amendment shares with the change it amends: the identity
	// without the content. A delivery with a known Slot and a new Key is stored and
	// flagged, never dropped. A nil Slot means that the feed knows no amendments.
	Slot func(T) Key
	// Group names what must be handled in order, such as a reservation.
	Group func(T) string
	// Time is when the change happened, by the sender's clock.
	Time func(T) time.Time
	// Repaired reports whether Decode had to mend the body to read it; observers count
	// that. A nil Repaired means that the feed never mends.
	Repaired func(T) bool
}

// FeedEvent is a value with the methods that a Feed needs. The webhooks of packages harbor
// and foxtrot are events; your own may be.
type FeedEvent interface {
	// Identity returns the fields by which two events are the same.
	Identity() []string
	// Group names what must be handled in order.
	Group() string
	// Time returns when it happened, by the sender's clock.
	Time() time.Time
}

// FeedOf returns the feed of a kind of event. The name must not be empty and must stay
// the same for ever: stored callbacks are found by it.
//
//	callbacks.FeedOf(harbor.WebhookFeedName, harbor.DecodeWebhook)
//	callbacks.FeedOf(foxtrot.WebhookFeedName, foxtrot.DecodeWebhook)
func FeedOf[T FeedEvent](name string, decode func(raw []byte) (T, error)) Feed[T] {
	return Feed[T]{
		Name:   name,
		Decode: decode,
		Key:    func(e T) Key { return KeyOf(e.Identity()...) },
		Group:  T.Group,
		Time:   T.Time,
	}
}

// Received is one received callback with its decoded value. When the body could not be
// read, Problem says why and Value is the zero value.
type Received[T any] struct {
	Record
	Value T
}

// Record is what a store keeps of a delivery: everything but the decoded value.
type Record struct {
	Feed       string    // Feed.Name
	Key        Key       // identity; of the raw bytes when the body could not be read
	Slot       Key       // identity without the content; zero when the feed has none
	Group      string    // order is kept within it; empty when the body could not be read
	Time       time.Time // when the change happened; zero when unknown
	ReceivedAt time.Time // when the receiver had read it
	Raw        []byte    // the body as it came
	Problem    string    // why the body could not be read; empty when it could
}

// Quarantined reports whether the body could not be read.
func (r Record) Quarantined() bool { return r.Problem != "" }

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

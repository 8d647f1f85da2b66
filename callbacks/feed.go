package callbacks

import "time"

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

package callbacks

import "time"

// FeedEvent is a value that says itself what a Feed must know of it. The web hooks of
// packages harbor and foxtrot are events; your own may be.
type FeedEvent interface {
	// Identity returns the fields by which two events are the same.
	Identity() []string
	// Group names what must be handled in order.
	Group() string
	// Time is when it happened, by the sender's clock.
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

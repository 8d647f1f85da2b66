package watermill

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// The metadata of a message. Values are plain ASCII without line breaks, which every
// broker can carry.
const (
	MetadataFeed     = "callback_feed"     // name of the feed
	MetadataGroup    = "callback_group"    // group, percent-encoded as a path segment; the partition key
	MetadataTime     = "callback_time"     // when the change happened, RFC 3339, UTC
	MetadataReceived = "callback_received" // when it was received, RFC 3339, UTC
	MetadataLate     = "callback_late"     // "true" when a newer change of the group was published before
	MetadataAmended  = "callback_amended"  // "true" when its slot had come with other content before
)

// NewMessage returns the callback as a message: its body as it was received, its key as UUID.
func NewMessage[T any](ctx context.Context, e inbox.Event[T]) *message.Message {
	m := message.NewMessage(e.Key.String(), message.Payload(e.Raw))
	m.SetContext(ctx)
	m.Metadata.Set(MetadataFeed, url.PathEscape(e.Feed))
	m.Metadata.Set(MetadataGroup, url.PathEscape(e.Group))
	m.Metadata.Set(MetadataTime, e.Time.UTC().Format(time.RFC3339Nano))
	m.Metadata.Set(MetadataReceived, e.ReceivedAt.UTC().Format(time.RFC3339Nano))
	m.Metadata.Set(MetadataLate, strconv.FormatBool(e.Late))
	m.Metadata.Set(MetadataAmended, strconv.FormatBool(e.Amended))
	return m
}

// PartitionKey returns the key by which a message is partitioned, for publishers that take a
// function, such as Kafka's partitioning marshaler.
func PartitionKey(topic string, m *message.Message) (string, error) {
	key := m.Metadata.Get(MetadataGroup)
	if key == "" {
		return "", fmt.Errorf("watermill: message of topic %s has no %s", topic, MetadataGroup)
	}
	return key, nil
}

// ReadMessage reads a message on the other side of the broker, with the feed it came from.
// ID and Attempt belong to the inbox and stay zero.
func ReadMessage[T any](feed callbacks.Feed[T], m *message.Message) (e inbox.Event[T], err error) {
	if e.Value, err = feed.Decode(m.Payload); err != nil {
		return e, fmt.Errorf("watermill: read message of feed %s: %w", feed.Name, err)
	}
	e.Record = callbacks.Record{
		Feed: feed.Name, Key: feed.Key(e.Value), Group: feed.Group(e.Value), Time: feed.Time(e.Value), Raw: m.Payload,
	}
	if feed.Slot != nil {
		e.Slot = feed.Slot(e.Value)
	}
	e.ReceivedAt, _ = time.Parse(time.RFC3339Nano, m.Metadata.Get(MetadataReceived)) // zero from another publisher
	e.Late = m.Metadata.Get(MetadataLate) == "true"
	e.Amended = m.Metadata.Get(MetadataAmended) == "true"
	return e, nil
}

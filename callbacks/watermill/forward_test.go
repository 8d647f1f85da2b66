package watermill_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/callbacks/watermill"
)

// broker is a publisher in memory that fails as often as told.
type broker struct {
	mu       sync.Mutex
	failures int
	topics   []string
	messages []*message.Message
}

func (b *broker) Publish(topic string, ms ...*message.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures--; b.failures >= 0 {
		return errors.New("broker is down")
	}
	for _, m := range ms {
		b.topics = append(b.topics, topic)
		b.messages = append(b.messages, m)
	}
	return nil
}

func (b *broker) Close() error { return nil }

func TestForward_BrokerThatIsDownForHoursLosesNothingAndKeepsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box, b := newBox(t), &broker{failures: 50}
		accept(t, box, move{"a", 2}, move{"a", 1}, move{"a", 3})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- watermill.Forward(ctx, box, moves, b, "moves") }()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		require.Len(t, b.messages, 3)
		for i, m := range b.messages {
			e, err := watermill.ReadMessage(moves, m)
			require.NoError(t, err)
			assert.Equal(t, i+1, e.Value.Minute)
			assert.False(t, e.Late)
		}
		stop()
		require.NoError(t, <-ended)
	})
}

func TestForward_MessageCarriesTheCallback(t *testing.T) {
	t.Parallel()
	m := move{"parcel 7\r\nX: \x00ü", 5}
	var e inbox.Event[move]
	e.Value, e.Late, e.Amended = m, true, true
	e.Feed, e.Key, e.Group, e.Time = moves.Name, moves.Key(m), m.Parcel, moves.Time(m)
	e.ReceivedAt = time.Date(2026, 3, 1, 12, 5, 1, 42, time.UTC)
	e.Raw = []byte(`{"Parcel":"parcel 7\r\nX: \u0000ü","Minute":5}`)
	msg := watermill.NewMessage(t.Context(), e)
	assert.Equal(t, e.Key.String(), msg.UUID)
	for name, value := range msg.Metadata {
		for _, c := range value {
			assert.True(t, c >= ' ' && c < 127, "%s has %q", name, value)
		}
	}
	got, err := watermill.ReadMessage(moves, msg)
	require.NoError(t, err)
	assert.Equal(t, e, got)

	key, err := watermill.PartitionKey("moves", msg)
	require.NoError(t, err)
	assert.Equal(t, msg.Metadata.Get(watermill.MetadataGroup), key)
	_, err = watermill.PartitionKey("moves", message.NewMessage("1", nil))
	require.Error(t, err)
	_, err = watermill.ReadMessage(moves, message.NewMessage("1", []byte("{")))
	require.ErrorContains(t, err, "feed moves")
}

func TestForward_TopicIsChosenForEachCallback(t *testing.T) {
	t.Parallel()
	b := &broker{}
	publish := watermill.Publish(b, func(e inbox.Event[move]) string { return e.Value.Parcel })
	for _, parcel := range []string{"a", "", "b"} {
		var e inbox.Event[move]
		e.Value.Parcel = parcel
		require.NoError(t, publish(t.Context(), e))
	}
	assert.Equal(t, []string{"a", "b"}, b.topics)
}

func TestForward_NeedsAPublisherAndATopic(t *testing.T) {
	t.Parallel()
	require.Error(t, watermill.Forward(t.Context(), newBox(t), moves, nil, "moves"))
	require.Error(t, watermill.Forward(t.Context(), newBox(t), moves, &broker{}, ""))
}

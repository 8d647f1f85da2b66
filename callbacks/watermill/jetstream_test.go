package watermill_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	wmnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/callbacks/watermill"
)

// A JetStream server in this process is stopped and started again in the middle, and its
// answers get lost now and then: what the stream holds in the end is each callback once,
// in the order of its group.
func TestForward_JetStreamHoldsEachCallbackOnceAndInOrder(t *testing.T) {
	t.Parallel()
	const groups, changes = 20, 15
	dir := t.TempDir()
	js := startJetStream(t, dir, -1)
	port := portOf(t, js)

	conn, err := nats.Connect(js.ClientURL(), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	require.NoError(t, err)
	defer conn.Close()
	stream, err := conn.JetStream(nats.MaxWait(time.Second))
	require.NoError(t, err)
	_, err = stream.AddStream(&nats.StreamConfig{Name: "moves", Subjects: []string{"moves"}, Storage: nats.FileStorage, Duplicates: time.Hour})
	require.NoError(t, err)
	publisher, err := wmnats.NewPublisherWithNatsConn(conn, wmnats.PublisherPublishConfig{
		Marshaler: &wmnats.NATSMarshaler{}, SubjectCalculator: wmnats.DefaultSubjectCalculator,
		JetStream: wmnats.JetStreamConfig{TrackMsgId: true, ConnectOptions: []nats.JSOpt{nats.MaxWait(time.Second)}},
	}, nil)
	require.NoError(t, err)

	box := newBox(t)
	accept(t, box, shuffled(groups, 0, changes)...)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var forwarding sync.WaitGroup
	forwarding.Go(func() {
		assert.NoError(t, watermill.Forward(ctx, box, moves, forgetful{publisher}, "moves",
			inbox.WithBackoff(5*time.Millisecond, 50*time.Millisecond)))
	})
	for tick := time.NewTicker(time.Millisecond); depth(t, box) > groups*changes/2; <-tick.C {
		require.NoError(t, ctx.Err(), "nothing is forwarded")
	}
	js.Shutdown()
	js.WaitForShutdown()
	// Acknowledged all the same. These come in order: one that is stored after a newer one
	// was handed over could only be late.
	accept(t, box, inTurn(groups, changes, 2*changes)...)
	startJetStream(t, dir, port)

	for tick := time.NewTicker(10 * time.Millisecond); depth(t, box) > 0; <-tick.C {
		require.NoError(t, ctx.Err(), "not everything was forwarded in time")
	}
	stop()
	forwarding.Wait()
	checkStream(t, conn, groups*2*changes)
}

// shuffled is changes of each group in no order.
func shuffled(groups, from, to int) (all []move) {
	for g := range groups {
		for m := from; m < to; m++ {
			all = append(all, move{fmt.Sprint("parcel ", g), m})
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// inTurn is changes of each group in their order, all groups side by side.
func inTurn(groups, from, to int) (all []move) {
	for m := from; m < to; m++ {
		for g := range groups {
			all = append(all, move{fmt.Sprint("parcel ", g), m})
		}
	}
	return all
}

func depth(t *testing.T, box *inbox.Box) int {
	st, err := box.Stats(t.Context(), moves.Name)
	require.NoError(t, err)
	return st.Depth
}

// forgetful is a publisher whose confirmations get lost now and then.
type forgetful struct{ message.Publisher }

func (f forgetful) Publish(topic string, ms ...*message.Message) error {
	err := f.Publisher.Publish(topic, ms...)
	if err == nil && rand.IntN(10) == 0 {
		return fmt.Errorf("the confirmation of %s got lost", ms[0].UUID)
	}
	return err
}

func checkStream(t *testing.T, conn *nats.Conn, want int) {
	stream, err := conn.JetStream()
	require.NoError(t, err)
	sub, err := stream.SubscribeSync("moves", nats.DeliverAll(), nats.OrderedConsumer())
	require.NoError(t, err)
	info, err := stream.StreamInfo("moves")
	require.NoError(t, err)
	require.Equal(t, uint64(want), info.State.Msgs, "each callback once")
	newest, times := make(map[string]int), make(map[move]int)
	for range want {
		raw, err := sub.NextMsg(10 * time.Second)
		require.NoError(t, err)
		m, err := (&wmnats.NATSMarshaler{}).Unmarshal(raw)
		require.NoError(t, err)
		e, err := watermill.ReadMessage(moves, m)
		require.NoError(t, err)
		assert.Equal(t, e.Key.String(), m.UUID)
		assert.Equal(t, url.PathEscape(e.Value.Parcel), m.Metadata.Get(watermill.MetadataGroup))
		times[e.Value]++
		assert.Equal(t, newest[e.Value.Parcel], e.Value.Minute, "the next change of %s", e.Value.Parcel)
		assert.False(t, e.Late)
		newest[e.Value.Parcel]++
	}
	assert.Len(t, times, want)
}

func startJetStream(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true,
	})
	require.NoError(t, err)
	go s.Start()
	require.True(t, s.ReadyForConnections(20*time.Second))
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

func portOf(t *testing.T, s *server.Server) int {
	u, err := url.Parse(s.ClientURL())
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	return port
}

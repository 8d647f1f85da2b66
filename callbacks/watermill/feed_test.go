package watermill_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// move is a change of a parcel.
type move struct {
	Parcel string
	Minute int
}

var moves = callbacks.Feed[move]{
	Name: "moves",
	Decode: func(raw []byte) (m move, err error) {
		err = json.Unmarshal(raw, &m)
		return m, err
	},
	Key: func(m move) callbacks.Key {
		raw, _ := json.Marshal(m)
		return callbacks.RawKey(raw)
	},
	Group: func(m move) string { return m.Parcel },
	Time:  func(m move) time.Time { return time.Date(2026, 3, 1, 12, m.Minute, 0, 0, time.UTC) },
}

func accept(t testing.TB, b *inbox.Box, ms ...move) {
	t.Helper()
	sink, err := inbox.NewSink(b, moves)
	require.NoError(t, err)
	for _, m := range ms {
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		_, err = sink.Accept(context.Background(), callbacks.Received[move]{Value: m, Record: callbacks.Record{
			Feed: moves.Name, Key: moves.Key(m), Group: moves.Group(m), Time: moves.Time(m), ReceivedAt: time.Now(), Raw: raw,
		}})
		require.NoError(t, err)
	}
}

func newBox(t testing.TB) *inbox.Box {
	t.Helper()
	b, err := inbox.New(inbox.NewMemory())
	require.NoError(t, err)
	return b
}

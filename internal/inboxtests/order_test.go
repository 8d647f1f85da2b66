package inboxtests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

func TestRun_ReorderedAndRepeatedChangesAreHandledOnceAndInOrder(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		reorder(t, openBox(t, openSQLite(t, sqliteFile(t)), sqlstore.SQLite))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		reorder(t, openBox(t, openPostgres(t), sqlstore.Postgres, ownTable()))
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		box, err := inbox.New(inbox.NewMemory())
		require.NoError(t, err)
		reorder(t, box)
	})
}

// reorder sends each group's changes shuffled over 8 connections, a tenth of them twice at
// the same time, while handlers fail now and then.
func reorder(t *testing.T, box *inbox.Box) {
	const groups, changes = 30, 20
	srv := httptest.NewServer(receiver(newSink(t, box)))
	defer srv.Close()

	h := handOver{t: t, newest: make(map[string]int), times: make(map[testChange]int)}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var handling, sending sync.WaitGroup
	handling.Go(func() {
		assert.NoError(t, inbox.Run(ctx, box, testFeed, h.handle, inbox.WithBackoff(time.Millisecond, 10*time.Millisecond)))
	})

	all := make(chan testChange)
	for range 8 {
		sending.Go(func() {
			client := &http.Client{}
			defer client.CloseIdleConnections()
			for c := range all {
				assert.NoError(t, post(client, srv.URL, c))
			}
		})
	}
	var order []testChange
	for g := range groups {
		for m := range changes {
			order = append(order, testChange{Group: fmt.Sprint("group ", g), Minute: m})
		}
	}
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for i, c := range order {
		all <- c
		if i%10 == 0 {
			all <- c
		}
	}
	close(all)
	sending.Wait()

	done := drained(box)
	for tick := time.NewTicker(5 * time.Millisecond); !done(ctx); <-tick.C {
		require.NoError(t, ctx.Err(), "not everything was handled in time")
	}
	stop()
	handling.Wait()
	assert.Len(t, h.times, groups*changes)
	for c, n := range h.times {
		assert.Equal(t, 1, n, "%+v", c)
	}
}

// handOver checks the order in which changes come.
type handOver struct {
	t      *testing.T
	mu     sync.Mutex
	newest map[string]int
	times  map[testChange]int
}

func (h *handOver) handle(_ context.Context, e inbox.Event[testChange]) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Attempt == 1 && e.Key[0]%10 == 0 {
		return errors.New("no luck")
	}
	c := testChange{Group: e.Value.Group, Minute: e.Value.Minute}
	h.times[c]++
	newest, any := h.newest[c.Group]
	assert.Equal(h.t, any && c.Minute < newest, e.Late, "minute %d after %d", c.Minute, newest)
	if !e.Late {
		h.newest[c.Group] = c.Minute
	}
	return nil
}

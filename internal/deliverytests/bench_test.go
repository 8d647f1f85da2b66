package deliverytests

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// BenchmarkNudge is the time from a nudge until the hook is called, with the change and
// the notice written to the database in between. The memory store is the baseline.
func BenchmarkNudge(b *testing.B) {
	b.Run("memory", func(b *testing.B) { nudge(b, delivery.NewMemoryStore()) })
	b.Run("sqlite", func(b *testing.B) { nudge(b, openSQLite(b, sqliteFile(b))) })
	b.Run("postgres", func(b *testing.B) {
		nudge(b, openStore(b, open(b, "pgx", pgtest.DSN(b)), sqlstore.Postgres, nextTable()))
	})
}

func nudge(b *testing.B, store delivery.Store) {
	srv := harbortest.NewServer(b, harbortest.WithLocations(manyLockers()))
	client, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(b, err)
	b.Cleanup(func() { _ = client.Close() })
	told := make(chan delivery.Notice)
	tell := func(_ context.Context, n delivery.Notice) error {
		told <- n
		return nil
	}
	m, err := delivery.New(client, store, delivery.WithNotify(tell), delivery.WithInterval(time.Hour))
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	defer func() {
		cancel()
		require.NoError(b, <-done)
	}()
	d, err := m.Start(ctx, delivery.Request{Reference: "order", Location: 1})
	require.NoError(b, err)
	_, err = m.DropoffToken(ctx, "order", harbor.TokenRequest{Duration: time.Hour})
	require.NoError(b, err)
	var worst time.Duration
	statuses := [...]harbor.LockerStatus{harbor.LockerStatusOccupied, harbor.LockerStatusOutOfService}
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		require.NoError(b, srv.SetStatus(d.Locker.Ref, statuses[i%2], harbortest.DefaultClientID))
		b.StartTimer()
		began := time.Now()
		m.Nudge(d.Locker.Ref)
		<-told
		worst = max(worst, time.Since(began))
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms_worst")
}

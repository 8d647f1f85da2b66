package deliverytests

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/pgtest"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// childVariable in the environment makes the test binary an application that starts
// deliveries until it is killed; its value is the driver.
const childVariable = "LOCKERLINE_TEST_CHILD"

// A process of its own is killed (SIGKILL) again and again while it starts, rents and calls
// off deliveries in a real database. In the end every locker that is held is some
// delivery's, and none has two.
func TestManager_KilledProcessLosesNoLocker(t *testing.T) {
	t.Parallel()
	for driver, dsn := range map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string { return sqliteFile(t) },
		"pgx":    func(t *testing.T) string { return pgtest.DSN(t) },
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			killAndCompare(t, driver, dsn(t))
		})
	}
}

const killRounds = 12

func killAndCompare(t *testing.T, driver, dsn string) {
	srv := harbortest.NewServer(t, harbortest.WithLocations(manyLockers()))
	rng := rand.New(rand.NewPCG(7, 7))
	starts := 0
	for round := range killRounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+driver, "DSN="+dsn, "URL="+srv.URL, "TOKENS="+srv.TokenURL(),
			"SECRET="+srv.Credentials().ClientSecret, fmt.Sprint("ROUND=", round))
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		// Killed some time after a random number of deliveries went through.
		for range 1 + rng.IntN(12) {
			require.True(t, lines.Scan(), "the child ended by itself")
			starts++
		}
		<-time.After(time.Duration(rng.IntN(8000)) * time.Microsecond)
		require.NoError(t, cmd.Process.Kill())
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}
	m, store := newManager(t, driver, dsn, srv)
	report := new(delivery.Report)
	require.Eventually(t, func() bool {
		var err error
		report, err = m.Reconcile(context.Background())
		return err == nil && settled(store)
	}, 30*time.Second, 200*time.Millisecond)
	assert.Empty(t, report.Unknown)
	known := map[string]bool{}
	for _, r := range all(t, store) {
		if r.Claim {
			assert.False(t, known[r.Locker])
			known[r.Locker] = true
		}
	}
	held := 0
	for _, v := range srv.Snapshot() {
		if v.Owner == harbortest.DefaultClientID {
			held++
			assert.True(t, known[v.Ref.String()], "%s is held and nobody knows", v.Ref)
		}
	}
	t.Logf("%d kills, %d deliveries seen to start, %d lockers held", killRounds, starts, held)
	assert.Positive(t, held)
}

// settled reports that nothing is on its way any more.
func settled(s *delivery.SQLStore) bool {
	rows, err := s.List(context.Background(), delivery.Filter{Limit: 10_000, Open: true})
	for _, r := range rows {
		if strings.Contains(string(r.Data), `"pending":`) {
			return false
		}
	}
	return err == nil
}

func all(t *testing.T, s *delivery.SQLStore) []delivery.Row {
	t.Helper()
	rows, err := s.List(t.Context(), delivery.Filter{Limit: 10_000})
	require.NoError(t, err)
	return rows
}

func newManager(t *testing.T, driver, dsn string, srv *harbortest.Server) (*delivery.Manager, *delivery.SQLStore) {
	t.Helper()
	client, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	store := openStore(t, open(t, driver, dsn), dialects[driver], killTable)
	m, err := delivery.New(client, store, hurried()...)
	require.NoError(t, err)
	return m, store
}

const killTable = "killed_deliveries"

var dialects = map[string]sqlstore.Dialect{"sqlite": sqlstore.SQLite, "pgx": sqlstore.Postgres}

// hurried are times for a Harbor on the same machine.
func hurried() []delivery.Option {
	return []delivery.Option{
		delivery.WithCallTimeout(2 * time.Second), delivery.WithQuietTime(time.Second), delivery.WithRecheck(100 * time.Millisecond),
	}
}

func manyLockers() harbortest.Location {
	site := harbortest.Location{ID: 1, Name: "Kill Street", City: "Los Angeles", Country: "United States"}
	for t := range 10 {
		tower := harbortest.Tower{ID: harbor.TowerID(fmt.Sprintf("01%014x", t+1))}
		for i := range 40 {
			id := harbor.LockerID(100*(t+1) + i)
			tower.Lockers = append(tower.Lockers, harbortest.Locker{ID: id, Name: id.String(), Type: harbortest.LockerType{ID: 1, Name: "small"}})
		}
		site.Towers = append(site.Towers, tower)
	}
	return site
}

// child is the application that is killed. Each line it prints is a delivery.
func child(driver string) error {
	ctx := context.Background()
	client, err := harbor.NewClient(lockerline.Environment{APIURL: os.Getenv("URL"), TokenURL: os.Getenv("TOKENS")},
		harbor.Credentials{ClientID: harbortest.DefaultClientID, ClientSecret: os.Getenv("SECRET")})
	if err != nil {
		return err
	}
	db, err := openDB(driver, os.Getenv("DSN"))
	if err != nil {
		return err
	}
	store, err := delivery.OpenSQL(ctx, db, dialects[driver], killTable)
	if err != nil {
		return err
	}
	m, err := delivery.New(client, store, hurried()...)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		// Half of the references are those of the round before, as an application's retries are.
		var round int
		_, _ = fmt.Sscan(os.Getenv("ROUND"), &round)
		reference := fmt.Sprintf("order-%d-%d", round-i%2, i/2)
		d, err := m.Start(ctx, delivery.Request{Reference: reference, Location: 1, ReserveFor: time.Hour})
		if err == nil && i%3 == 0 && !d.Phase.Ended() {
			_, err = m.DropoffToken(ctx, reference, harbor.TokenRequest{Duration: time.Hour})
		}
		if err == nil && i%5 == 0 {
			_, err = m.Cancel(ctx, reference)
		}
		if err != nil && !errors.Is(err, delivery.ErrPhase) && !errors.Is(err, harbor.ErrNoLockerAvailable) {
			return err
		}
		fmt.Println(reference)
	}
}

package deliverytests

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/pgtest"
)

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, db *sql.DB, d delivery.Dialect, table string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, "sqlite", sqliteFile(t)), delivery.SQLite, "deliveries")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, openPostgres(t), delivery.Postgres, nextTable())
	})
}

func a(reference string) *delivery.Delivery {
	now := time.Now().UTC().Round(0)
	return &delivery.Delivery{Reference: reference, Phase: delivery.PhaseSearching, Since: now, CreatedAt: now, UpdatedAt: now}
}

func TestOpeningAgainKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d delivery.Dialect, table string) {
		require.NoError(t, openStore(t, db, d, table).Create(t.Context(), a("one")))
		got, err := openStore(t, db, d, table).Get(t.Context(), "one")
		require.NoError(t, err)
		assert.Equal(t, "one", got.Reference)
	})
}

func TestManyMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d delivery.Dialect, table string) {
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				s, err := delivery.OpenSQL(t.Context(), db, d, table)
				if assert.NoError(t, err) {
					assert.NoError(t, s.Create(t.Context(), a(fmt.Sprint(i))))
				}
			})
		}
		wg.Wait()
	})
}

func TestForeignTablesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d delivery.Dialect, table string) {
		_, err := db.ExecContext(t.Context(), `CREATE TABLE `+table+` (x INTEGER)`)
		require.NoError(t, err)
		_, err = delivery.OpenSQL(t.Context(), db, d, table)
		assert.ErrorIs(t, err, delivery.ErrForeignSchema)
	})
}

func TestNewerTablesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *sql.DB, d delivery.Dialect, table string) {
		openStore(t, db, d, table)
		_, err := db.ExecContext(t.Context(), `UPDATE `+table+`_schema SET version = 99`)
		require.NoError(t, err)
		_, err = delivery.OpenSQL(t.Context(), db, d, table)
		assert.ErrorIs(t, err, delivery.ErrNewerSchema)
	})
}

func TestADatabaseThatForgetsIsRefused(t *testing.T) {
	t.Parallel()
	_, err := delivery.OpenSQL(t.Context(), open(t, "sqlite", ":memory:"), delivery.SQLite, "")
	require.ErrorIs(t, err, delivery.ErrNotDurable)
	db := open(t, "pgx", pgtest.DSN(t)+"&synchronous_commit=off")
	_, err = delivery.OpenSQL(t.Context(), db, delivery.Postgres, nextTable())
	assert.ErrorIs(t, err, delivery.ErrNotDurable)
	db = open(t, "pgx", pgtest.DSN(t)+"&default_transaction_read_only=on")
	_, err = delivery.OpenSQL(t.Context(), db, delivery.Postgres, nextTable())
	assert.ErrorIs(t, err, delivery.ErrReadOnly)
}

func TestOpenChecksItsArguments(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite", sqliteFile(t))
	for name, try := range map[string]func() error{
		"a nil database": func() error { _, err := delivery.OpenSQL(t.Context(), nil, delivery.SQLite, ""); return err },
		"no dialect":     func() error { _, err := delivery.OpenSQL(t.Context(), db, delivery.Dialect{}, ""); return err },
		"a table name":   func() error { _, err := delivery.OpenSQL(t.Context(), db, delivery.SQLite, "a;b"); return err },
	} {
		assert.Error(t, try(), name)
	}
}

package sqlstore

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRelaxSync_ConnectionIsGivenBackAsItWas(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA synchronous"] = "2"
	tables := f.unopened(t, SQLite)
	conn, err := tables.db.Conn(t.Context())
	require.NoError(t, err)
	restore, err := tables.relaxSync(t.Context(), conn)
	require.NoError(t, err)
	assert.Equal(t, "1", f.answers["PRAGMA synchronous"])
	restore()
	assert.Equal(t, "2", f.answers["PRAGMA synchronous"])
	require.NoError(t, conn.Close())
	assert.Zero(t, f.closed)
}

func TestRelaxSync_ConnectionThatStaysRelaxedIsThrownAway(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA synchronous"] = "2"
	f.failures = map[string][]error{"PRAGMA synchronous = 2": {errors.New("no")}}
	tables := f.unopened(t, SQLite)
	conn, err := tables.db.Conn(t.Context())
	require.NoError(t, err)
	restore, err := tables.relaxSync(t.Context(), conn)
	require.NoError(t, err)
	restore()
	_ = conn.Close()
	assert.Equal(t, 1, f.closed)
}

func TestEnsureFullSync_BusyTimeoutOfTheConnectionIsKept(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA busy_timeout"] = int64(50)
	tables := f.unopened(t, SQLite)
	conn, err := tables.db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, tables.ensureFullSync(t.Context(), conn))
	assert.Equal(t, int64(50), f.answers["PRAGMA busy_timeout"])
}

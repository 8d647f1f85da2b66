package sqldb

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHastyConnectionIsGivenBackAsItWas(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA synchronous"] = "2"
	conn, err := f.tables(t, &SQLite).DB.Conn(t.Context())
	require.NoError(t, err)
	restore, err := (&Tables{Reasons: errOwn}).Hasty(t.Context(), conn)
	require.NoError(t, err)
	assert.Equal(t, "1", f.answers["PRAGMA synchronous"])
	restore()
	assert.Equal(t, "2", f.answers["PRAGMA synchronous"])
	require.NoError(t, conn.Close())
	assert.Zero(t, f.closed)
}

func TestHastyConnectionThatStaysSoIsThrownAway(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA synchronous"] = "2"
	f.failures = map[string][]error{"PRAGMA synchronous = 2": {errors.New("no")}}
	conn, err := f.tables(t, &SQLite).DB.Conn(t.Context())
	require.NoError(t, err)
	restore, err := (&Tables{Reasons: errOwn}).Hasty(t.Context(), conn)
	require.NoError(t, err)
	restore()
	_ = conn.Close()
	assert.Equal(t, 1, f.closed)
}

func TestAWaitThatTheOpenerChoseIsKept(t *testing.T) {
	t.Parallel()
	f := careless()
	f.answers["PRAGMA busy_timeout"] = int64(50)
	tables := f.tables(t, &SQLite)
	conn, err := tables.DB.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, tables.Durable(t.Context(), conn))
	assert.Equal(t, int64(50), f.answers["PRAGMA busy_timeout"])
}

package inboxtests

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// SQLite goes on writing to a file that has lost its name; the next program does not find it.
func TestOpen_MovedFileIsNotAcknowledgedInto(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*testing.T, string){
		"deleted": func(t *testing.T, file string) { require.NoError(t, os.Remove(file)) },
		"moved":   func(t *testing.T, file string) { require.NoError(t, os.Rename(file, file+".old")) },
		"replaced": func(t *testing.T, file string) {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.Rename(file, file+".old"))
			require.NoError(t, os.WriteFile(file, body, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := sqliteFile(t)
			store := openBox(t, openSQLite(t, file), sqlstore.SQLite).Store()
			put := func(n byte) error {
				_, err := store.Put(t.Context(), []callbacks.Record{{Feed: "f", Key: callbacks.Key{n}}})
				return err
			}
			require.NoError(t, put(1))
			remove(t, file)
			err := put(2)
			require.Error(t, err)
			assert.ErrorContains(t, err, "deleted or replaced")
			assert.NotContains(t, err.Error(), file)
			if name == "moved" {
				require.NoError(t, os.Rename(file+".old", file))
				assert.NoError(t, put(2), "the file is back")
			}
		})
	}
}

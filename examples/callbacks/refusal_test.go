package main

import (
	"bytes"
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func filesIn(t *testing.T, folder string) []os.DirEntry {
	t.Helper()
	list, err := os.ReadDir(folder)
	require.NoError(t, err)
	return list
}

// usedFile is a database that a receiver has left.
func usedFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "inbox.db")
	p := start(t, []string{testBasic}, "-db", file)
	require.Equal(t, 200, p.post("/callbacks", stocked))
	require.Zero(t, p.stop(syscall.SIGTERM))
	return file
}

func TestRun_FailureToStartIsOneLineAndANonZeroExit(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() }) // not by defer: the parts run later
	good := filepath.Join(t.TempDir(), "good.db")
	write := func(content []byte, mode os.FileMode) string {
		file := filepath.Join(t.TempDir(), "inbox.db")
		require.NoError(t, os.WriteFile(file, content, mode))
		return file
	}
	damaged := usedFile(t)
	text, err := os.ReadFile(damaged)
	require.NoError(t, err)
	copy(text[4096:], bytes.Repeat([]byte("damage"), len(text)))
	newer := usedFile(t)
	execute(t, newer, "UPDATE lockerline_inbox_schema SET version = version + 1")
	used, err := os.ReadFile(usedFile(t))
	require.NoError(t, err)

	for _, tc := range []struct {
		name, says string
		env        []string
		args       []string
	}{
		{"no credential", "CALLBACK_BASIC", nil, []string{"-db", good}},
		{"half a basic credential", "user:password", []string{"CALLBACK_BASIC=hush"}, []string{"-db", good}},
		{"an empty password", "the secret is empty", []string{"CALLBACK_BASIC=hush:"}, []string{"-db", good}},
		{"a token that no header carries", "CALLBACK_BEARER", []string{"CALLBACK_BEARER=hu\nsh"}, []string{"-db", good}},
		{"a flag that is none", "-h", nil, []string{"-nope"}},
		{"an argument too many", "unexpected", nil, []string{"start"}},
		{"two databases", "not both", nil, []string{"-db", good, "-dsn", "postgres://u:hush@127.0.0.1:1/d"}},
		{"a URL of something else", "postgres://", nil, []string{"-dsn", "mysql://u:hush@127.0.0.1:1/d"}},
		{"a URL that is none", "-dsn", nil, []string{"-dsn", "postgres://u:hush@127.0.0.1:port/d"}},
		{"no server at the URL", "-dsn", nil, []string{"-dsn", "postgres://u:hush@127.0.0.1:1/d"}},
		{"a number without -demo", "-demo", nil, []string{"-n", "3"}},
		{"no reservations", "positive", nil, []string{"-demo", "-n", "0"}},
		{"an address that is taken", "in use", nil, []string{"-db", good, "-addr", taken.Addr().String()}},
		{"an address that is none", "-addr", nil, []string{"-db", good, "-addr", "nowhere"}},
		{"a folder that is missing", "does not exist", nil, []string{"-db", filepath.Join(t.TempDir(), "none", "inbox.db")}},
		{"a folder in place of a file", "not a file", nil, []string{"-db", t.TempDir()}},
		{"a file in place of a folder", "not a folder", nil, []string{"-db", filepath.Join(write(nil, 0o600), "inbox.db")}},
		{"garbage in the file", "corrupt", nil, []string{"-db", write(bytes.Repeat([]byte("garbage "), 2000), 0o600)}},
		{"a damaged file", "corrupt", nil, []string{"-db", write(text, 0o600)}},
		{"a read-only file", "read-only", nil, []string{"-db", write(used, 0o400)}},
		{"a newer schema", "newer version", nil, []string{"-db", newer}},
		{"a damaged file for the demonstration", "corrupt", nil, []string{"-demo", "-db", write(text, 0o600)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env := tc.env
			if env == nil && tc.name != "no credential" {
				env = []string{"CALLBACK_X_TOKEN=hush"}
			}
			var stdout, stderr bytes.Buffer
			cmd := command(t, env, tc.args...)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			var exit *exec.ExitError
			require.ErrorAs(t, cmd.Run(), &exit)
			assert.Equal(t, 1, exit.ExitCode())
			assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
			assert.True(t, strings.HasPrefix(stderr.String(), "callbacks: "), stderr.String())
			assert.Contains(t, stderr.String(), tc.says)
			assert.NotContains(t, stderr.String(), "hush")
			assert.Empty(t, stdout.String())
		})
	}
}

func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", fileURI(file))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
}

func TestHelp_NamesFlagsAndVariables(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &stdout, &stderr))
	for _, word := range append(variables(), "-addr", "-db", "-dsn", "-json", "-demo", "-n") {
		assert.Contains(t, stdout.String(), word)
	}
	assert.Empty(t, stderr.String())
}

// Package pgtest starts a PostgreSQL server for the tests of one process: with its own data
// in a temporary folder, on a loopback port, durable as a real one, gone at the end.
package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Require in the environment turns a missing PostgreSQL into a failure.
const Require = "LOCKERLINE_REQUIRE_POSTGRES"

var server struct {
	once sync.Once
	dir  string
	bin  string
	dsn  string
	err  error
}

var errNoPostgres = errors.New("no initdb in the PATH or in /usr/lib/postgresql/*/bin")

// DSN is the address of the server, which the first call starts. Without PostgreSQL on the
// machine the test is skipped; see Require. Call Stop at the end of TestMain.
func DSN(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = start() })
	if errors.Is(server.err, errNoPostgres) && os.Getenv(Require) == "" {
		t.Skipf("PostgreSQL is not tested: %v (set %s=1 to make this a failure)", server.err, Require)
	}
	if server.err != nil {
		t.Fatalf("start PostgreSQL: %v", server.err)
	}
	return server.dsn
}

func start() (err error) {
	if server.bin, err = find(); err != nil {
		return err
	}
	// Not t.TempDir: the folder must be open to the server's user on its whole path.
	if server.dir, err = os.MkdirTemp("", "lockerline-postgres-"); err != nil {
		return err
	}
	if err := os.Chmod(server.dir, 0o755); err != nil {
		return err
	}
	data := filepath.Join(server.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if uid, gid, ok := serverUser(); ok {
		if err := errors.Join(os.Chown(data, uid, gid), os.Chown(server.dir, uid, gid)); err != nil {
			return err
		}
	}
	if err := command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	server.dsn = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return command("pg_ctl", "-D", data, "-w", "-t", "60", "-l", filepath.Join(server.dir, "log"),
		"-o", fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60", port), "start")
}

// Stop ends the server, if one was started, and removes its data.
func Stop() {
	if server.dir == "" {
		return
	}
	_ = command("pg_ctl", "-D", filepath.Join(server.dir, "data"), "-m", "immediate", "-w", "stop")
	_ = os.RemoveAll(server.dir)
}

func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errNoPostgres
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// serverUser is whom the server runs as when we are root, which it refuses to be.
func serverUser() (uid, gid int, ok bool) {
	if os.Geteuid() != 0 {
		return 0, 0, false
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ = strconv.Atoi(u.Uid)
			gid, _ = strconv.Atoi(u.Gid)
			return uid, gid, true
		}
	}
	return 0, 0, false
}

func command(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(server.bin, name), args...)
	cmd.Dir = server.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = time.Second // the server inherits what is not a file
	if uid, gid, ok := serverUser(); ok {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("%s: %w: %s", name, err, out.String())
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

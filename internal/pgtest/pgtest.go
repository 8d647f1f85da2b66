// Package pgtest starts a PostgreSQL server for the tests of one process: its own data in
// a temporary folder, on a loopback port, durable as a real one, gone at the end. It stands
// on the standard library and needs initdb and pg_ctl on the machine.
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

// Require in the environment turns a missing PostgreSQL from a skipped test into a failure.
const Require = "LOCKERLINE_REQUIRE_POSTGRES"

var errMissing = errors.New("no initdb in the PATH or in /usr/lib/postgresql/*/bin")

// Server is the server of a test process. The zero value is ready; stop it in TestMain.
type Server struct {
	once sync.Once
	dir  string
	bin  string
	dsn  string
	err  error
}

// DSN starts the server, if it does not run, and returns how to connect.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	s.once.Do(func() { s.err = s.start() })
	if errors.Is(s.err, errMissing) && os.Getenv(Require) == "" {
		t.Skipf("PostgreSQL is not tested: %v (set %s=1 to make this a failure)", s.err, Require)
	}
	if s.err != nil {
		t.Fatalf("start PostgreSQL: %v", s.err)
	}
	return s.dsn
}

// Stop ends the server and removes its data.
func (s *Server) Stop() {
	if s.dir != "" {
		_ = s.command("pg_ctl", "-D", filepath.Join(s.dir, "data"), "-m", "immediate", "-w", "stop")
		_ = os.RemoveAll(s.dir)
	}
}

func (s *Server) start() (err error) {
	if s.bin, err = find(); err != nil {
		return err
	}
	// Not t.TempDir: the whole path must be open to the server's user.
	if s.dir, err = os.MkdirTemp("", "lockerline-postgres-"); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	if err := errors.Join(os.Chmod(s.dir, 0o755), os.Mkdir(data, 0o700)); err != nil {
		return err
	}
	if uid, gid, ok := serverUser(); ok {
		if err := errors.Join(os.Chown(data, uid, gid), os.Chown(s.dir, uid, gid)); err != nil {
			return err
		}
	}
	if err := s.command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	s.dsn = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	return s.command("pg_ctl", "-D", data, "-w", "-t", "60", "-l", filepath.Join(s.dir, "log"),
		"-o", fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60", port), "start")
}

func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errMissing
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

func (s *Server) command(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "LC_ALL=C")
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

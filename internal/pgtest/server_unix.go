//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"io"
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

var server struct {
	once     sync.Once
	dir      string
	bin      string
	dsn      string
	err      error
	guard    *exec.Cmd
	lifeline io.Closer
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
	if err := guard(data); err != nil {
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

// guard has a shell stop the server and delete its data when its standard input ends: by
// Stop, or because this process died.
func guard(data string) error {
	stop := `read -r _; "$1" -D "$2" -m immediate -w stop; cd /; rm -rf "$3"`
	server.guard = exec.Command("sh", "-c", stop, "sh", filepath.Join(server.bin, "pg_ctl"), data, server.dir)
	server.guard.SysProcAttr = serverProcess()
	server.guard.SysProcAttr.Setpgid = true // an interrupt from the terminal is not for it
	server.guard.Dir = server.dir
	var err error
	if server.lifeline, err = server.guard.StdinPipe(); err != nil {
		return err
	}
	return server.guard.Start()
}

// Stop ends the server, if one was started, and removes its data.
func Stop() {
	if server.guard != nil {
		_ = server.lifeline.Close()
		_ = server.guard.Wait()
	}
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

func serverProcess() *syscall.SysProcAttr {
	attr := new(syscall.SysProcAttr)
	if uid, gid, ok := serverUser(); ok {
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return attr
}

func command(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(server.bin, name), args...)
	cmd.Dir = server.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = time.Second // the server inherits what is not a file
	cmd.SysProcAttr = serverProcess()
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

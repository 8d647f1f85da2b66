package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	modpkg "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// check gets each module as a user would who has nothing of this repository: from a file
// proxy that serves what the tags would hold, into a new module, and builds it.
func check(all modules) error {
	work, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	repo := filepath.Join(work, "repo") // a clone has no uncommitted files
	if _, err := output("git", "clone", "--quiet", root, repo); err != nil {
		return err
	}
	proxy := filepath.Join(work, "proxy")
	for _, m := range all.list {
		if err := publish(proxy, repo, m, all.version); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	for i, m := range all.list {
		user := filepath.Join(work, fmt.Sprint("user", i))
		if err := use(user, proxy, m, all.version); err != nil {
			return fmt.Errorf("%s@%s cannot be used: %w", m.path, all.version, err)
		}
		fmt.Printf("release: %s@%s can be got and built\n", m.path, all.version)
	}
	return nil
}

// publish writes the files by which a module proxy serves one version.
func publish(proxy, repo string, m module, version string) error {
	escaped, err := modpkg.EscapePath(m.path)
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, escaped, "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	archive, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		return err
	}
	err = zip.CreateFromVCS(archive, modpkg.Version{Path: m.path, Version: version}, repo, "HEAD", m.dir)
	if closed := archive.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	info := fmt.Sprintf(`{"Version":%q,"Time":%q}`, version, time.Now().UTC().Format(time.RFC3339))
	for name, data := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": []byte(info), version + ".mod": m.file} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// use is a new program's first commands: go mod init, go get, go build.
func use(dir, proxy string, m module, version string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	others, err := output("go", "env", "GOPROXY")
	if err != nil {
		return err
	}
	env := append(os.Environ(),
		"GOPROXY=file://"+filepath.ToSlash(proxy)+","+strings.TrimSpace(others),
		"GONOSUMDB="+m.path+","+strings.TrimSuffix(m.path, "/"+m.dir),
		"GOMODCACHE="+filepath.Join(filepath.Dir(proxy), "cache"), // no version of an earlier check
		"GOFLAGS=-modcacherw",
	)
	for _, args := range [][]string{{"mod", "init", "user"}, {"get", m.path + "/...@" + version}, {"build", m.path + "/..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// Release prepares a release of this repository. The version stands in lockerline.Version;
// the nested modules require it, and all modules are released together.
//
//	go run -C internal/release . set v0.2.0   writes the version wherever it stands
//	go run -C internal/release . check        what a user gets: each module through a file proxy
//	go run -C internal/release . tags         the commands that tag and push, in their order
//
// Check and tags look at the commit that is checked out. They refuse versions that differ,
// and a CHANGELOG without the version.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

const root = "../.."

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 2 && args[0] == "set" {
		return setVersion(args[1])
	}
	if len(args) != 1 {
		return errors.New("usage: release set VERSION | check | tags")
	}
	all, err := readModules()
	if err == nil {
		err = checkVersion(all.version)
	}
	if err != nil {
		return err
	}
	switch args[0] {
	case "check":
		return check(all)
	case "tags":
		for _, m := range all.list {
			tag := path.Join(m.dir, all.version)
			fmt.Printf("git tag -a %s -m %s && git push origin %s\n", tag, all.version, tag)
		}
		return nil
	}
	return fmt.Errorf("unknown command %q: use set, check or tags", args[0])
}

// module is one that users get.
type module struct {
	path string
	dir  string // below the root; empty for the root itself
	file []byte // its go.mod
}

// modules are all that users get, each after those that it requires.
type modules struct {
	version string
	list    []module
}

// readModules finds the modules that carry a promise: the root and what is nested in it
// outside internal, examples and tools. It demands that all require one version of the
// root module.
func readModules() (modules, error) {
	out, err := output("git", "-C", root, "ls-files", "go.mod", "*/go.mod")
	if err != nil {
		return modules{}, err
	}
	var all modules
	var self string
	for name := range strings.FieldsSeq(out) {
		dir := strings.TrimSuffix(strings.TrimSuffix(name, "go.mod"), "/")
		if first, _, _ := strings.Cut(dir, "/"); first == "internal" || first == "examples" || first == "tools" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return modules{}, err
		}
		f, err := modfile.Parse(name, data, nil)
		if err != nil {
			return modules{}, err
		}
		m := module{f.Module.Mod.Path, dir, data}
		if dir == "" {
			self = m.path
			all.list = append([]module{m}, all.list...)
			continue
		}
		all.list = append(all.list, m)
		for _, r := range f.Require {
			if !strings.HasPrefix(m.path, r.Mod.Path+"/") {
				continue
			}
			if all.version == "" {
				all.version = r.Mod.Version
			}
			if r.Mod.Version != all.version {
				return modules{}, fmt.Errorf("%s requires %s %s, others %s", name, r.Mod.Path, r.Mod.Version, all.version)
			}
		}
	}
	if self == "" || !semver.IsValid(all.version) || semver.Major(all.version)+".0.0" == all.version {
		return modules{}, fmt.Errorf("no nested module requires a version of %s that can be released", self)
	}
	return all, nil
}

func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return string(out), nil
}

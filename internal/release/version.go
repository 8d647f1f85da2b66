package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// versionLine is where the version stands, in doc.go of the root.
var versionLine = regexp.MustCompile(`(?m)^const Version = "(.*)"$`)

// checkVersion refuses a version that the library does not say, or that the changelog does
// not have.
func checkVersion(version string) error {
	doc, err := os.ReadFile(filepath.Join(root, "doc.go"))
	if err != nil {
		return err
	}
	said := versionLine.FindSubmatch(doc)
	if said == nil || "v"+string(said[1]) != version {
		return fmt.Errorf("lockerline.Version is not %s, which the nested modules require: use release set", version)
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if !strings.Contains(string(changes), "\n## "+version) {
		return fmt.Errorf("CHANGELOG.md has no section %s", version)
	}
	return nil
}

// setVersion writes a version into doc.go and into what the nested modules require.
func setVersion(version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("%q is not a version: give one such as v0.2.0", version)
	}
	name := filepath.Join(root, "doc.go")
	doc, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	doc = versionLine.ReplaceAll(doc, []byte(`const Version = "`+strings.TrimPrefix(version, "v")+`"`))
	if err := os.WriteFile(name, doc, 0o644); err != nil {
		return err
	}
	all, err := readModules()
	if err != nil {
		return err
	}
	for _, m := range all.list[1:] {
		f, err := modfile.Parse(m.path, m.file, nil)
		if err != nil {
			return err
		}
		if err := f.AddRequire(all.list[0].path, version); err != nil {
			return err
		}
		out, err := f.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, m.dir, "go.mod"), out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

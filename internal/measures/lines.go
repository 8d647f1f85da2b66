package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// shipped are the packages that a user's program is made of: the library without test
// kits, examples and tools.
var shipped = []string{
	".", "harbor", "foxtrot", "callbacks", "callbacks/inbox", "harbor/delivery", "sqlstore",
	"internal/transport", "internal/tokens", "internal/wire", "internal/machine",
	"internal/redact", "internal/pathtemplate",
}

const (
	mostLines     = 13_900 // of code in the shipped library
	mostFileLines = 450    // of any kind in one of its files
)

// shippedLines counts the lines of code of the shipped library: neither blank nor only a
// comment, tests left out.
func shippedLines(root string) (measure, error) {
	m := measure{what: "lines of code in the shipped library", bar: mostLines}
	for _, dir := range shipped {
		files, err := sources(root, dir)
		if err != nil {
			return m, err
		}
		code := 0
		for _, f := range files {
			_, n, err := countLines(f)
			if err != nil {
				return m, err
			}
			code += n
		}
		m.got += code
		m.detail = append(m.detail, fmt.Sprintf("%-20s %3d files %6d", dir, len(files), code))
	}
	return m, nil
}

// longFiles counts the files of the shipped library that are longer than a file should be.
func longFiles(root string) (measure, error) {
	m := measure{what: fmt.Sprintf("shipped files of more than %d lines", mostFileLines)}
	for _, dir := range shipped {
		files, err := sources(root, dir)
		if err != nil {
			return m, err
		}
		for _, f := range files {
			all, _, err := countLines(f)
			if err != nil {
				return m, err
			}
			if all > mostFileLines {
				m.got++
				m.detail = append(m.detail, fmt.Sprintf("%s: %d", filepath.Join(dir, filepath.Base(f)), all))
			}
		}
	}
	return m, nil
}

// sources returns the Go files of a package, tests left out.
func sources(root, dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no sources in %s: %w", dir, err)
	}
	kept := files[:0]
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// countLines counts the lines of a file, and those that are neither blank nor only a
// comment. A line of a raw string that looks like a comment counts as one: none does.
func countLines(path string) (all, code int, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(b)) {
		all++
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			code++
		}
	}
	return all, code, nil
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/lockerline/lockerline-go"

// walk is one call that runs through the library, and whose files on its way count.
type walk struct {
	name     string // the argument of ./walks
	what     string
	packages []string // whose files count
	bar      int
}

var allWalks = []walk{
	{"reserve", "files on the way of one Lockers.Reserve", []string{".", "harbor", "internal/transport", "internal/tokens", "internal/wire"}, 17},
	{"callback", "files on the way of one callback, from POST to the handler", []string{"callbacks", "callbacks/inbox", "sqlstore", "internal/wire"}, 15},
	{"tick", "files on the way of one tick of delivery.Manager.Run", []string{"harbor/delivery"}, 8},
}

// walks takes each walk in a program of its own, built to count which lines run.
func walks(root string) ([]measure, error) {
	work, err := os.MkdirTemp("", "walks")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "walks")
	if err := run("go", "build", "-cover", "-covermode=atomic", "-coverpkg="+module+"/...", "-o", program, "./walks"); err != nil {
		return nil, err
	}
	var all []measure
	for _, w := range allWalks {
		files, err := w.take(program, work)
		if err != nil {
			return nil, fmt.Errorf("walk %s: %w", w.name, err)
		}
		all = append(all, measure{what: w.what, got: len(files), bar: w.bar, detail: files})
	}
	return all, nil
}

// take runs one walk and returns the files that it ran through.
func (w walk) take(program, work string) ([]string, error) {
	dir := filepath.Join(work, w.name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if err := run(program, w.name, dir); err != nil {
		return nil, err
	}
	profile := dir + ".txt"
	if err := run("go", "tool", "covdata", "textfmt", "-i="+dir, "-o="+profile); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(profile)
	if err != nil {
		return nil, err
	}
	var files []string
	for line := range strings.Lines(string(text)) {
		// FILE:FROM,TO STATEMENTS TIMES
		file, rest, _ := strings.Cut(strings.TrimPrefix(line, module+"/"), ":")
		fields := strings.Fields(rest)
		if len(fields) != 3 {
			continue
		}
		if times, err := strconv.Atoi(fields[2]); err != nil || times == 0 {
			continue
		}
		if slices.Contains(w.packages, filepath.Dir(file)) && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("it ran through no file of ours")
	}
	slices.Sort(files)
	return files, nil
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(append([]string{filepath.Base(name)}, args...), " "), err, out)
	}
	return nil
}

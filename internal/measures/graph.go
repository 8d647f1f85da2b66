package main

import (
	"bytes"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// layers are the floors of the house, the top first. Packages of a layer import those of
// lower ones, or of their own.
var layers = []struct {
	name     string
	packages []string
}{
	{"deliveries, keeping, catching up", []string{"harbor/delivery", "callbacks/inbox"}},
	{"vendors and the receiver", []string{"harbor", "alzabox", "foxtrot", "callbacks"}},
	{"the pipeline of every client", []string{"internal/tokens", "internal/transport"}},
	{"what every client or store shares", []string{".", "sqlstore"}},
	{"single tools", []string{"internal/wire", "internal/machine", "internal/redact"}},
}

// graph draws the imports between the packages of layers as a Mermaid flowchart. An arrow
// that follows from others is left out.
func graph(root string) (string, error) {
	imports, err := importsOf(root)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("flowchart TD\n")
	for i, l := range layers {
		fmt.Fprintf(&out, "    subgraph L%d[\"%s\"]\n", i, l.name)
		for _, p := range l.packages {
			fmt.Fprintf(&out, "        %s[\"%s\"]\n", node(p), label(p))
		}
		out.WriteString("    end\n")
	}
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		for _, to := range imports[from] {
			if !slices.ContainsFunc(imports[from], func(via string) bool { return via != to && reaches(imports, via, to) }) {
				fmt.Fprintf(&out, "    %s --> %s\n", node(from), node(to))
			}
		}
	}
	return out.String(), nil
}

// importsOf returns what each package of layers imports of the others.
func importsOf(root string) (map[string][]string, error) {
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	list, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	drawn := map[string]bool{}
	for _, l := range layers {
		for _, p := range l.packages {
			drawn[p] = true
		}
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		from := short(fields[0])
		for _, path := range fields[1:] {
			if to := short(path); drawn[from] && drawn[to] && strings.HasPrefix(path, module) {
				imports[from] = append(imports[from], to)
			}
		}
	}
	return imports, nil
}

func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(imports, next, to) })
}

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func label(p string) string {
	if p == "." {
		return "lockerline"
	}
	return p
}

func node(p string) string { return strings.NewReplacer("/", "_", ".", "root").Replace(p) }

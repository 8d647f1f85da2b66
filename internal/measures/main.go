// Measures prints how large the shipped library is and through how many of its files one
// call runs, each beside its bar, and fails when a bar is missed:
//
//	go run -C internal/measures .
//	go run -C internal/measures . graph    draws the imports, for docs/architecture.md
package main

import (
	"fmt"
	"os"
)

// A measure is one figure about the library and the most it may be.
type measure struct {
	what   string
	got    int
	bar    int
	detail []string // what was counted
}

const root = "../.."

func main() {
	if len(os.Args) > 1 && os.Args[1] == "graph" {
		picture, err := graph(root)
		if err != nil {
			fmt.Fprintln(os.Stderr, "measures:", err)
			os.Exit(2)
		}
		fmt.Print(picture)
		return
	}
	all, err := measures(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "measures:", err)
		os.Exit(2)
	}
	missed := false
	for _, m := range all {
		word := "ok"
		if m.got > m.bar {
			word, missed = "MISSED", true
		}
		fmt.Printf("%-62s %6d of at most %6d  %s\n", m.what, m.got, m.bar, word)
		for _, line := range m.detail {
			fmt.Println("    " + line)
		}
	}
	if missed {
		os.Exit(1)
	}
}

func measures(root string) ([]measure, error) {
	size, err := shippedLines(root)
	if err != nil {
		return nil, err
	}
	long, err := longFiles(root)
	if err != nil {
		return nil, err
	}
	walked, err := walks(root)
	if err != nil {
		return nil, err
	}
	return append([]measure{size, long}, walked...), nil
}

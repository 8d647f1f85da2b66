// Package mutation shows that the safety rules of this module are kept by tests that can
// fail: each row of the table breaks one rule in the source and names a test that must
// then fail. The files themselves are not touched; the go command gets the broken copy as
// an overlay.
//
//	MUTATION=1 go test -timeout 30m ./internal/mutation
//
// Without the variable only the table itself is checked, which takes no time.
package mutation

// Mutation is one rule broken.
type Mutation struct {
	Rule string // what is broken, in words
	File string // below the module's root
	Old  string // occurs in File exactly once
	New  string // what stands there instead
	Test string // of File's package; must fail
	Also *Edit  // a second guard to take away, where a rule has two
}

// Edit is a replacement in another file than the Mutation's own.
type Edit struct{ File, Old, New string }

func (m Mutation) edits() []Edit {
	edits := []Edit{{m.File, m.Old, m.New}}
	if m.Also != nil {
		edits = append(edits, *m.Also)
	}
	return edits
}

// Table is all of them, by file.
func Table() []Mutation {
	var all []Mutation
	for _, m := range [][]Mutation{retries, attempts, redirects, answers, secrets, tokens, foxtrot, deliveries} {
		all = append(all, m...)
	}
	return all
}

// Package mutation shows that the safety rules of this module are kept by tests that can
// fail. Each file below testdata breaks one rule: it names the rule, a test that must then
// fail, and which text of which source file is replaced by what. The sources are not
// touched: the go command gets the broken copy as an overlay.
//
//	cd internal/mutation && go test -timeout 30m .
//
// RULE='regular expression' runs some of them; -short only checks that the files fit the
// sources.
package mutation

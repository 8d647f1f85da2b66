package lockerline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocumentation_NamesEachExportedName looks at all packages that users import.
func TestDocumentation_NamesEachExportedName(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, root := range []string{"harbor", "alzabox", "callbacks", "foxtrot", "lockerlinetest", "sqlstore"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			for _, decl := range file.Decls {
				for name, doc := range exported(decl) {
					seen++
					assert.True(t, doc, "%s: %s is not documented", path, name)
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
	assert.Greater(t, seen, 500)
}

// exported yields the exported names that a declaration makes, and whether each has a
// comment of its own or shares that of its group.
func exported(decl ast.Decl) map[string]bool {
	found := map[string]bool{}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && receiverExported(d) {
			found[d.Name.Name] = d.Doc != nil
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					found[s.Name.Name] = d.Doc != nil || s.Doc != nil
				}
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() {
						found[n.Name] = d.Doc != nil || s.Doc != nil || s.Comment != nil
					}
				}
			}
		}
	}
	return found
}

// receiverExported reports whether a method belongs to a type that users can name.
func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

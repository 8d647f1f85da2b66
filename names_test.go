package lockerline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sharedNames are the exported names that stand in several public packages, by the reason
// why they may: each means another thing there, with another type.
var sharedNames = map[string][]string{
	"a vendor's client, its addresses and its table":            {"Client", "ClientFromEnv", "Credentials", "EnvAPIURL", "NewClient", "Operations", "Production"},
	"a reservation of a locker, or one of a box":                {"Reservation"},
	"a box of lockers, or the box of callbacks":                 {"Box"},
	"a vendor's webhooks, as callbacks.FeedOf takes them":       {"DecodeWebhook", "Webhook", "WebhookEvent", "WebhookEventType", "WebhookFeedName"},
	"a code of an error: any, one vendor's, or a fault with it": {"Code"},
	"a thing of the vendor, and how its simulator describes it": {"Location", "LockerType", "Route"},
	"a locker: Harbor's, a simulator's, or one of a delivery":   {"Locker"},
	"the simulator of one service, built on lockerlinetest's":   {"NewServer", "Server", "WithManualClock"},
	"makes the one thing that the package is about":             {"New", "Open"},
	"options of another constructor":                            {"Config", "Option"},
	"a lifecycle: of lockers, or of deliveries":                 {"Diagram", "Transition", "TransitionError", "Transitions"},
	"a store: of callbacks, or of deliveries":                   {"DefaultTable", "Entry", "Event", "Filter", "RunStoreTests", "Store"},
	"what one part measures":                                    {"Observer", "WithObserver"},
	"an error of a service, of a store, or of a closed part":    {"ErrClosed", "ErrNotFound", "Error"},
	"a request: any, for a delivery, or one of a log":           {"Request"},
	"a user's function for callbacks, or a receiver":            {"Handler"},
	"what became of a callback, or of a delivery":               {"Outcome"},
	"a status of a reservation, or a fault with a status":       {"Status"},
	"a simulated parcel of a route, or from door to door":       {"Delivery"},
	"a bound on a user's function, or on a call to Harbor":      {"WithCallTimeout"},
	"who may send callbacks, or who may call a simulator":       {"WithCredentials"},
}

func TestNames_NoneStandsInTwoPackagesWithTheSameMeaning(t *testing.T) {
	t.Parallel()
	owners := map[string][]string{}
	for _, dir := range publicPackages(t) {
		for _, name := range exportedNames(t, dir) {
			owners[name] = append(owners[name], dir)
		}
	}
	require.Greater(t, len(owners), 300)
	explained := map[string]bool{}
	for _, names := range sharedNames {
		for _, name := range names {
			assert.False(t, explained[name], "%s is explained twice", name)
			explained[name] = true
			assert.Greater(t, len(owners[name]), 1, "%s is explained in sharedNames and does not stand in two packages", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(owners)) {
		if len(owners[name]) > 1 {
			assert.True(t, explained[name], "%s stands in %s: give it one place, or explain it in sharedNames", name, strings.Join(owners[name], ", "))
		}
	}
}

func TestOptions_EachIsUsedByATestOrAnExample(t *testing.T) {
	t.Parallel()
	var uses strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "examples/") || strings.HasPrefix(path, "cmd/") {
			b, err := os.ReadFile(path)
			uses.Write(b)
			return err
		}
		return nil
	})
	require.NoError(t, err)
	options := 0
	for _, dir := range publicPackages(t) {
		for _, name := range exportedNames(t, dir) {
			if !regexp.MustCompile(`^With(out)?[A-Z]`).MatchString(name) {
				continue
			}
			options++
			used := regexp.MustCompile(`\b` + name + `(\[[\w.]+\])?\(`).MatchString(uses.String())
			assert.True(t, used, "%s.%s: no test and no example uses this option: test it, or remove it", dir, name)
		}
	}
	assert.Greater(t, options, 20)
}

// A test is found by its subject: TestReserve_LostAnswerIsNotRepeated.
func TestNames_EachTestNamesItsSubject(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	named := regexp.MustCompile(`^Test[A-Z]\w*_[A-Z0-9]\w*$`)
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(source), -1) {
			found++
			assert.Regexp(t, named, m[1], path)
		}
		return err
	})
	require.NoError(t, err)
	assert.Greater(t, found, 500)
}

// publicPackages returns the folders of the packages that users can import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"internal", "examples", "cmd", "testdata", "tools", ".git"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if dir := filepath.Dir(path); strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			found[dir] = true
		}
		return nil
	})
	require.NoError(t, err)
	return slices.Sorted(maps.Keys(found))
}

// exportedNames returns the names a package exports at its top level, as `go doc` lists
// them.
func exportedNames(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	found := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil {
				continue
			}
			for name := range exported(decl) {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

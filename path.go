package lockerline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go/internal/pathtemplate"
)

// pick returns which elements of an operation's own path another path takes. Only
// WithOperationPath leads here: a program without that option is not linked with it.
func pick(name, own, path string) ([]int, error) {
	if problem := pathtemplate.Problem(path); problem != "" {
		return nil, fmt.Errorf("the path of %s %s", name, problem)
	}
	var picked []int
	known := pathtemplate.Elements(own)
	for _, element := range pathtemplate.Elements(path) {
		i := slices.Index(known, element)
		if i < 0 {
			return nil, fmt.Errorf("%s has no element {%s}; it has %s", name, element, strings.Join(known, ", "))
		}
		picked = append(picked, i)
	}
	return picked, nil
}

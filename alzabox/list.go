package alzabox

import (
	"context"
	"iter"
	"net/url"
	"strconv"
)

// maxPage is the largest page that was seen in a real call. No maximum is documented.
const maxPage = 100

// ListOptions chooses a part of a list. The order of lists is not documented, there is no total
// and no sort: rows that appear or leave meanwhile may make a page repeat or skip others.
type ListOptions struct {
	Limit  int // rows, at most 100; 0 is 100
	Offset int // rows before the first one
	// Fields are the attributes to ask for; nil asks for all that are known. Others are
	// passed on as they are. An attribute that is not asked for is absent.
	Fields []string
}

// query is what a page asks for of a kind of record.
func (p ListOptions) query(kind string, known []string) url.Values {
	q := fields(kind, p.Fields, known)
	limit := p.Limit
	if limit == 0 {
		limit = maxPage
	}
	q.Set("page[limit]", strconv.Itoa(limit))
	q.Set("page[offset]", strconv.Itoa(p.Offset))
	return q
}

// fields repeats the key for each name, as OpenAPI reads an array by default.
func fields(kind string, asked, known []string) url.Values {
	if asked == nil {
		asked = known
	}
	return url.Values{"fields[" + kind + "]": asked}
}

// all reads pages until one has no record that is new. A short page is not the end: whether
// AlzaBox cuts a limit is not documented; and a page that brings nothing new ends a list
// that would otherwise never end. A record that comes twice is yielded once. Iterating again
// asks again; a failure is yielded last.
func all[T model](ctx context.Context, p ListOptions, get func(context.Context, ListOptions) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for {
			rows, err := get(ctx, p)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			known := len(seen)
			for _, r := range rows {
				if id := r.identity(); !seen[id] {
					seen[id] = true
					if !yield(r, nil) {
						return
					}
				}
			}
			if len(seen) == known {
				return
			}
			p.Offset += len(rows)
		}
	}
}

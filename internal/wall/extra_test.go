package wall_test

import (
	"context"
	"html/template"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/wall"
)

func TestExtra_StandsOnThePage(t *testing.T) {
	t.Parallel()
	source := wall.SourceFunc(func(context.Context) ([]wall.Locker, error) { return nil, nil })
	get := func(extra wall.Extra) string {
		w, err := wall.New(source, wall.Options{Extra: extra})
		require.NoError(t, err)
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		return rec.Body.String()
	}
	with := get(wall.Extra{HTML: template.HTML(`<aside id="mine"></aside>`), Style: "own.css", Script: "own.js"})
	assert.Contains(t, with, `<aside id="mine"></aside>`)
	assert.Contains(t, with, `<link rel="stylesheet" href="own.css">`)
	assert.Contains(t, with, `<script type="module" src="own.js"></script>`)
	without := get(wall.Extra{})
	assert.NotContains(t, without, `href=""`)
	assert.NotContains(t, without, `src=""`)
}

package browsertests_test

import (
	_ "embed"
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contrast lists the texts whose contrast is less than WCAG 2.2 AA asks for.
//
//go:embed testdata/contrast.js
var contrast string

// withParcel makes a delivery, so that everything is on the page, and chooses its door.
func withParcel(p *tab) {
	p.t.Helper()
	p.do(chromedp.Click("#order-new"))
	p.until(can("do-dropoff"))
	p.do(chromedp.Click("#do-dropoff"))
	p.until(can("do-pickup"))
	p.do(chromedp.Click("#trip-door"))
	p.until(`document.querySelectorAll("#panel-history li").length >= 4`)
	// What fades in is measured when it stands.
	p.until(`document.getAnimations().every((a) => a.playState === "finished" || a.effect.getComputedTiming().iterations === Infinity)`)
}

func TestPage_TextIsReadable(t *testing.T) {
	t.Parallel()
	for _, how := range []look{{1440, 1000, "light"}, {1440, 1000, "dark"}, {360, 760, "light"}, {360, 760, "dark"}} {
		t.Run(fmt.Sprintf("%s at %d px", how.scheme, how.width), func(t *testing.T) {
			t.Parallel()
			p := open(t, how)
			withParcel(p)
			assert.Empty(t, eval[[]string](p, contrast), "too little contrast")

			p.script(`document.getElementById("trip-reference").style.color = "` + map[string]string{"light": "#999", "dark": "#555"}[how.scheme] + `"`)
			assert.NotEmpty(t, eval[[]string](p, contrast), "the check finds what is wrong")
		})
	}
}

// controls are the roles of what can be operated.
var controls = []string{"button", "link", "textbox", "combobox", "checkbox", "searchbox"}

func TestPage_EachControlHasAName(t *testing.T) {
	t.Parallel()
	p := open(t, look{1280, 900, "light"})
	withParcel(p)
	unnamed := func() (none []string, all int) {
		for _, n := range call(p, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
			if n.Ignored || n.Role == nil || !slices.Contains(controls, unquote(n.Role.Value)) {
				continue
			}
			all++
			if n.Name == nil || unquote(n.Name.Value) == "" {
				none = append(none, fmt.Sprintf("%s, node %d", n.Role.Value, n.BackendDOMNodeID))
			}
		}
		return none, all
	}
	none, all := unnamed()
	assert.Empty(t, none)
	assert.Greater(t, all, 60, "doors and the counter")
	p.script(`document.querySelector('label[for="order-size"]').remove()`)
	none, _ = unnamed()
	assert.Len(t, none, 1, "the check finds what is wrong")

	assert.Equal(t, 1, eval[int](p, `document.querySelectorAll("h1").length`))
	assert.Equal(t, "en", eval[string](p, `document.documentElement.lang`))
	assert.Empty(t, eval[[]string](p, `[...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)`), "an id is there once")
}

func unquote(v []byte) string {
	if len(v) >= 2 && v[0] == '"' {
		return string(v[1 : len(v)-1])
	}
	return string(v)
}

func TestPage_FitsAPhone(t *testing.T) {
	t.Parallel()
	p := open(t, look{360, 760, "light"})
	withParcel(p)
	require.Equal(t, 360, eval[int](p, `innerWidth`))
	assert.LessOrEqual(t, eval[int](p, `document.documentElement.scrollWidth`), 360, "nothing scrolls sideways")
	assert.Empty(t, eval[[]string](p, `[...document.querySelectorAll("button, select, input, .tower, .counter")]
		.filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.left < 0 || r.right > 360.5); })
		.map((e) => e.id || e.className)`), "nothing is cut off")
	assert.Less(t, eval[float64](p, `window.shifts`), 0.1, "layout shift")
	p.quiet()
}

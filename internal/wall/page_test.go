package wall

import (
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestPage_IsWholeBeforeAnyScriptRuns(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{Title: "Wall <x>"})
	rec := get(t, w, "/")
	require.Equal(t, http.StatusOK, rec.Code)
	page := rec.Body.String()
	assert.Contains(t, page, "<title>Wall &lt;x&gt;</title>")
	assert.Contains(t, page, `data-locker="0100000000000175/948" data-number="1" data-status="available"`)
	assert.Contains(t, page, `aria-label="Door 2, large, reserved, low"`)
	assert.Contains(t, page, "1 of 2 free")
	assert.Contains(t, page, `class="lifecycle"`)
	assert.Equal(t, 1, strings.Count(page, `tabindex="0"`), "one stop of the Tab key for a tower")
	assert.Contains(t, page, `aria-live="polite"`)
}

func TestPage_LooksBeforeTheFirstLook(t *testing.T) {
	t.Parallel()
	w, err := New(twoDoors(), Options{})
	require.NoError(t, err)
	assert.Contains(t, get(t, w, "/").Body.String(), `data-locker="0100000000000175/948"`)
}

func TestPage_SourceThatFailsIsShown(t *testing.T) {
	t.Parallel()
	w := newWall(t, &fake{err: errSource}, Options{})
	assert.Contains(t, get(t, w, "/").Body.String(), "source does not answer")
}

func TestPage_LoadsNothingFromElsewhereAndRunsNothingInline(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	rec := get(t, w, "/")
	csp := rec.Header().Get("Content-Security-Policy")
	assert.Contains(t, csp, "default-src 'none'")
	assert.NotContains(t, csp, "unsafe")
	texts := map[string]string{"page": rec.Body.String()}
	for name, f := range w.page.files {
		texts[name] = string(f.body)
	}
	for name, text := range texts {
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "") // a name, nothing to load
		assert.NotRegexp(t, `https?://|src="//|url\(|@import`, text, name)
		assert.NotRegexp(t, `<script[^>]*>[^<]|\son[a-z]+="|\sstyle="|javascript:`, text, name)
	}
}

func TestPage_FilesAreCachedUntilTheyChange(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	for name := range w.page.files {
		rec := get(t, w, "/_wall/static/"+name)
		require.Equal(t, http.StatusOK, rec.Code, name)
		req := httptest.NewRequest(http.MethodGet, "/_wall/static/"+name, nil)
		req.Header.Set("If-None-Match", rec.Header().Get("ETag"))
		again := httptest.NewRecorder()
		w.ServeHTTP(again, req)
		assert.Equal(t, http.StatusNotModified, again.Code, name)
	}
	assert.Contains(t, get(t, w, "/_wall/static/wall.js").Header().Get("Content-Type"), "javascript")
}

// Every file the page or another file asks for is there.
func TestPage_NoFileIsMissing(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	text := get(t, w, "/").Body.String()
	for _, f := range w.page.files {
		text += string(f.body)
	}
	asked := regexp.MustCompile(`(?:_wall/static/|from "\./)([\w.]+)"`).FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, asked)
	for _, m := range asked {
		assert.Contains(t, w.page.files, m[1])
	}
}

func TestPage_EachStatusHasAColourAndAPicture(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		b, err := fs.ReadFile(files, "static/"+name)
		require.NoError(t, err)
		return string(b)
	}
	tokens, wall, panel, icons := read("tokens.css"), read("wall.css"), read("panel.css"), read("icons.html")
	for _, s := range append(harbor.LockerStatuses(), "unknown") {
		assert.Contains(t, tokens, fmt.Sprintf("--%s: #", s))
		assert.Contains(t, icons, fmt.Sprintf(`id="i-%s"`, s))
		if s.Known() {
			assert.Contains(t, wall, fmt.Sprintf(`.door[data-status="%s"]`, s))
			assert.Contains(t, panel, fmt.Sprintf(`[data-status="%s"].current rect`, s))
			assert.Contains(t, panel, fmt.Sprintf(`[data-to="%s"] .dot`, s))
		}
	}
}

// WCAG 2.1 asks 4.5 of text, in light and in dark.
func TestPage_TextIsReadableOnEveryColour(t *testing.T) {
	t.Parallel()
	b, err := fs.ReadFile(files, "static/tokens.css")
	require.NoError(t, err)
	light, dark, found := strings.Cut(string(b), "@media (prefers-color-scheme: dark)")
	require.True(t, found)
	colour := regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`)
	values := map[string]string{}
	for _, mode := range []string{light, dark} {
		for _, m := range colour.FindAllStringSubmatch(mode, -1) {
			values[m[1]] = m[2] // the dark ones replace the light ones
		}
		pairs := 0
		for name, ground := range values {
			if ink, ok := values["on-"+name]; ok {
				pairs++
				assert.GreaterOrEqual(t, contrast(t, ink, ground), 4.5, "--on-%s on --%s", name, name)
			}
		}
		assert.GreaterOrEqual(t, pairs, 15)
	}
	assert.Less(t, contrast(t, "#777777", "#808080"), 4.5, "the measure works")
	assert.InDelta(t, 21, contrast(t, "#000000", "#ffffff"), 0.01)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	require.NoError(t, err)
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(n>>(16-8*i)&0xff) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

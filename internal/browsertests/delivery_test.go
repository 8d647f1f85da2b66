package browsertests_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// colours of the doors, as the browser computes them; the same in light and dark.
var colours = map[string]string{
	"available": "rgb(23, 112, 69)",
	"reserved":  "rgb(242, 180, 55)",
	"rented":    "rgb(30, 93, 192)",
	"occupied":  "rgb(106, 61, 181)",
}

// showing waits until a door has a status, its colour and its words.
func (p *tab) showing(door, status string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => {
		const d = document.querySelector('[data-locker="%[1]s"]');
		return d.dataset.status === "%[2]s" && getComputedStyle(d.querySelector(".leaf")).backgroundColor === "%[3]s" &&
			d.getAttribute("aria-label").includes("%[2]s") && d.querySelector(".label").textContent.toLowerCase() === "%[2]s";
	})()`, door, status, colours[status]))
}

// door is the key of the delivery's door.
func (p *tab) door() string {
	p.t.Helper()
	p.until(`!document.getElementById("trip-door").hidden`)
	return eval[string](p, `document.getElementById("trip-door").dataset.key`)
}

func can(id string) string {
	return fmt.Sprintf(`document.getElementById("%s").getAttribute("aria-disabled") === "false"`, id)
}

func TestDelivery_IsClickedThrough(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := open(t, look{1440, 1000, scheme})
			free := eval[int](p, `document.querySelectorAll('.door[data-status="available"]').length`)

			p.do(chromedp.SetValue("#order-size", "medium"), chromedp.SetValue("#order-reference", "parcel-7"), chromedp.Click("#order-new"))
			door := p.door()
			p.showing(door, "reserved")
			p.until(can("do-dropoff"))
			assert.Equal(t, "parcel-7", eval[string](p, `document.getElementById("trip-reference").textContent`))
			assert.Equal(t, free-1, eval[int](p, `document.querySelectorAll('.door[data-status="available"]').length`))

			p.do(chromedp.Click("#do-dropoff"))
			p.showing(door, "rented")
			p.until(fmt.Sprintf(`document.querySelector('[data-locker="%s"]').hasAttribute("data-open")`, door))
			p.showing(door, "occupied")
			p.until(can("do-pickup"))
			assert.False(t, eval[bool](p, can("do-dropoff")), "a parcel is dropped off once")
			assert.False(t, eval[bool](p, can("do-cancel")), "a stored parcel cannot be called off")

			p.do(chromedp.Click("#do-pickup"))
			p.showing(door, "available")
			p.until(`document.querySelector("#stages [aria-current]")?.dataset.phase === "collected"`)
			assert.Equal(t, free, eval[int](p, `document.querySelectorAll('.door[data-status="available"]').length`))

			p.until(`document.querySelectorAll("#panel-history li").length >= 5`)
			seen := eval[[]string](p, `[...document.querySelectorAll("#panel-history li")].map((l) => l.dataset.to).reverse()`)
			assert.Equal(t, []string{"available", "reserved", "rented", "occupied", "available"}, seen, "the panel's history")
			assert.Equal(t, "available", eval[string](p, `document.querySelector(".lifecycle .node.current").dataset.status`), "the diagram")
			assert.Less(t, eval[float64](p, `window.shifts`), 0.1, "layout shift")
			p.quiet()
		})
	}
}

func TestPage_IsLiveForOthersToo(t *testing.T) {
	t.Parallel()
	p := open(t, look{1280, 900, "light"})
	// Another page, or the app, makes a delivery: this page is not touched.
	p.script(`fetch("_counter/deliveries", { method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ reference: "elsewhere-1", size: "large" }) })`)
	p.until(`document.getElementById("trip-reference").textContent === "elsewhere-1"`)
	p.showing(p.door(), "reserved")
	p.until(`document.querySelector("#news li:not(.none)") !== null`)
	p.quiet()
}

func TestPage_RefusalIsShown(t *testing.T) {
	t.Parallel()
	p := open(t, look{1280, 900, "light"})
	order := func(size string) {
		p.do(chromedp.SetValue("#order-size", size), chromedp.SetValue("#order-reference", "twice"), chromedp.Click("#order-new"))
	}
	order("small")
	p.until(can("do-dropoff"))
	order("large")
	p.until(`document.getElementById("said").hasAttribute("data-bad")`)
	assert.Contains(t, eval[string](p, `document.getElementById("said").textContent`), "reference belongs to")
	p.until(`document.getElementById("order-new").getAttribute("aria-disabled") === "false"`)
}

// reach presses Tab until a control has the focus, and looks that each on the way shows it.
func (p *tab) reach(id string) {
	p.t.Helper()
	for range 40 {
		p.do(chromedp.KeyEvent(kb.Tab))
		visible := eval[bool](p, `(() => { const s = getComputedStyle(document.activeElement);
			return s.outlineStyle !== "none" || s.boxShadow !== "none"; })()`)
		require.True(p.t, visible, "the focus is seen")
		if eval[string](p, `document.activeElement.id`) == id {
			return
		}
	}
	require.Fail(p.t, "the Tab key does not reach it", id)
}

func TestDelivery_ByKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := open(t, look{1280, 900, "light"})
	p.do(chromedp.KeyEvent(kb.Tab))
	assert.Equal(t, "Skip to the doors", eval[string](p, `document.activeElement.textContent`), "first stop")
	p.reach("order-new")
	p.do(chromedp.KeyEvent(kb.Enter))
	door := p.door()
	p.until(can("do-dropoff"))
	p.reach("do-dropoff")
	p.do(chromedp.KeyEvent(" "))
	p.showing(door, "occupied")
	p.until(can("do-pickup"))
	assert.Equal(t, "do-dropoff", eval[string](p, `document.activeElement.id`), "the focus stays while things happen")
	p.reach("do-pickup")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.showing(door, "available")
	p.until(`document.querySelector("#stages [aria-current]")?.dataset.phase === "collected"`)

	p.reach("truck-customer")
	p.do(chromedp.KeyEvent(kb.Tab)) // the first door of the first tower
	first := eval[string](p, `document.activeElement.dataset.locker`)
	require.NotEmpty(t, first)
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	second := eval[string](p, `document.activeElement.dataset.locker`)
	require.NotEqual(t, first, second)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(fmt.Sprintf(`document.getElementById("panel").dataset.locker === "%s" && document.activeElement.id === "panel-title"`, second))
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(fmt.Sprintf(`document.activeElement.dataset.locker === "%s"`, second))
	p.quiet()
}

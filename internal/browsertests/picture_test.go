package browsertests_test

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "draw docs/wall-light.png and docs/wall-dark.png anew")

// mostBytes keeps the repository light.
const mostBytes = 400 << 10

func TestPage_Picture(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := open(t, look{1440, 980, scheme})
			for _, size := range []string{"small", "medium", "x-large"} { // a few on their way
				p.do(chromedp.SetValue("#order-size", size), chromedp.Click("#order-new"))
				p.until(can("do-dropoff"))
				if size != "medium" {
					p.do(chromedp.Click("#do-dropoff"))
					p.until(can("do-pickup"))
				}
			}
			p.until(`document.querySelectorAll("#panel-history li").length >= 4`)
			p.until(`document.getAnimations().every((a) => a.playState === "finished" || a.effect.getComputedTiming().iterations === Infinity)`)
			p.script(`document.activeElement.blur()`)
			shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			img, err := png.Decode(bytes.NewReader(shot))
			require.NoError(t, err)
			assert.Equal(t, 1440, img.Bounds().Dx())
			var small bytes.Buffer
			require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, img))
			if small.Len() < len(shot) {
				shot = small.Bytes()
			}
			assert.Less(t, len(shot), mostBytes, "the picture is too large for a repository")
			if *update {
				require.NoError(t, os.WriteFile(filepath.Join("..", "..", "docs", "wall-"+scheme+".png"), shot, 0o644))
			}
			p.quiet()
		})
	}
}

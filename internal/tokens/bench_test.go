package tokens

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"
)

func TestCache_FastPathAllocatesNothing(t *testing.T) {
	i := &issue{life: time.Hour}
	c := i.cache(t)
	auth := one(c)
	ctx := t.Context()
	accessOf(t, c)
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := c.Token(ctx); err != nil {
			t.Error(err)
		}
	}))
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := auth.Credential(ctx, "a"); err != nil {
			t.Error(err)
		}
	}))
}

// BenchmarkFastPath is what every call pays for its token, all callers at once, next to
// x/oauth2's own cache.
func BenchmarkFastPath(b *testing.B) {
	b.Run("oauth2.ReuseTokenSource", func(b *testing.B) {
		ts := oauth2.ReuseTokenSource(nil, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x", Expiry: time.Now().Add(time.Hour)}))
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := ts.Token(); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("Cache", func(b *testing.B) {
		i := &issue{life: time.Hour}
		c := i.cache(b)
		ctx := b.Context()
		accessOf(b, c)
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := c.Token(ctx); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

package main

import (
	"testing"
)

// BenchmarkCall is for benchstat and profiles: every client in every scene, by the same
// code that the page is made of. With -count the clients take turns.
func BenchmarkCall(b *testing.B) {
	srv, err := startServer()
	if err != nil {
		b.Fatal(err)
	}
	defer srv.stop()
	scenes, closeAll, err := allScenes(srv.url)
	if err != nil {
		b.Fatal(err)
	}
	defer closeAll()
	for _, s := range scenes {
		for _, r := range s.runners {
			b.Run(s.name+"/"+r.name, func(b *testing.B) {
				ctx := b.Context()
				if err := repeat(ctx, r, 5); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				if s.callers == 1 {
					for b.Loop() {
						if err := r.once(ctx); err != nil {
							b.Fatal(err)
						}
					}
					return
				}
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						if err := r.once(ctx); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}

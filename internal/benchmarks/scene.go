package main

import (
	"context"
	"fmt"
	"net/http"
)

// The scenes, in the order they are shown.
const (
	stubOne  = "stub/one"
	stubPage = "stub/page"
	tcpOne   = "loopback/one"
	tcpPage  = "loopback/page"
	fastPath = "token"
)

// scene is what runners are compared in.
type scene struct {
	name    string
	title   string
	against string // the runner that times are divided by
	callers int    // how many goroutines run at once
	runners []runner
}

// runner does the one thing that is measured, again and again.
type runner struct {
	name string
	once func(ctx context.Context) error
}

// stubScenes need no network and hardly any time.
func stubScenes() (scenes []scene, closeAll func(), err error) {
	return callScenes("http://127.0.0.1", stub{}, []callScene{
		{stubOne, "One object of 600 bytes, no network", oneBooking},
		{stubPage, "A page of 100 objects (60 kB), no network", aPage},
	})
}

// loopbackScenes are over TCP to the server at url. All clients share one transport, so
// that all have the same kept connection.
func loopbackScenes(url string) (scenes []scene, closeAll func(), err error) {
	tr := defaultTransport()
	scenes, closeClients, err := callScenes(url, tr, []callScene{
		{tcpOne, "One object of 600 bytes, loopback TCP to another process", oneBooking},
		{tcpPage, "A page of 100 objects (60 kB), loopback TCP to another process", aPage},
	})
	return scenes, func() { closeClients(); tr.CloseIdleConnections() }, err
}

// defaultTransport keeps as many connections as the SDK's own does.
func defaultTransport() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 64} }

func allScenes(url string) (scenes []scene, closeAll func(), err error) {
	var closers []func()
	closeAll = func() {
		for _, f := range closers {
			f()
		}
	}
	for _, set := range []func() ([]scene, func(), error){
		stubScenes,
		func() ([]scene, func(), error) { return loopbackScenes(url) },
		tokenScenes,
	} {
		s, done, err := set()
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		scenes, closers = append(scenes, s...), append(closers, done)
	}
	return scenes, closeAll, nil
}

type callScene struct {
	name, title string
	what        resource
}

// callScenes makes one client of each kind and lets it play in all scenes.
func callScenes(base string, tr http.RoundTripper, list []callScene) ([]scene, func(), error) {
	scenes := make([]scene, len(list))
	for i, cs := range list {
		scenes[i] = scene{name: cs.name, title: cs.title, against: bareHTTP, callers: 1}
	}
	var closers []func()
	closeAll := func() {
		for _, f := range closers {
			f()
		}
	}
	for _, c := range contestants {
		fetch, done, err := c.dial(base, tr)
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("cannot make a client of %s: %w", c.name, err)
		}
		closers = append(closers, done)
		for i, cs := range list {
			scenes[i].runners = append(scenes[i].runners, runner{c.name, func(ctx context.Context) error {
				return fetch(ctx, cs.what, cs.what.fresh())
			}})
		}
	}
	return scenes, closeAll, nil
}

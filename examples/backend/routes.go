package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// routes puts everything on one address.
func (b *backend) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, status{"ok"}) })
	mux.HandleFunc("GET /readyz", b.ready)
	for _, path := range []string{"/callbacks", "/webhooks/harbor", "/webhooks/foxtrot"} {
		mux.Handle(path, b.receiver.mux)
	}
	mux.Handle("/v1/", bearer(b.cfg.appToken(), b.app()))
	if b.page != nil {
		mux.Handle("/", b.page)
	}
	return b.survive(mux)
}

type status struct {
	Status string `json:"status"`
}

// ready tells a load balancer whether to send requests here. It asks nothing of Harbor:
// while that is away, callbacks are taken all the same.
func (b *backend) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if b.draining.Load() {
		writeJSON(w, http.StatusServiceUnavailable, status{"draining"})
		return
	}
	if _, err := b.store.Count(ctx); err != nil {
		writeJSON(w, http.StatusServiceUnavailable, status{"the store does not answer"})
		return
	}
	if _, err := b.box.Stats(ctx, ""); err != nil {
		writeJSON(w, http.StatusServiceUnavailable, status{"the inbox does not answer"})
		return
	}
	writeJSON(w, http.StatusOK, status{"ok"})
}

// survive keeps a panic from taking more than its own request down.
func (b *backend) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				b.log.Error("panic", "stack", string(debug.Stack()))
				writeError(w, apiError{http.StatusInternalServerError, "internal", "something went wrong here"})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// bearer lets in who shows the token. Both are hashed first, so that comparing takes the
// same time whatever is shown.
func bearer(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(shown)))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || !strings.EqualFold(scheme, "bearer") {
			w.Header().Set("WWW-Authenticate", `Bearer realm="app"`)
			writeError(w, apiError{http.StatusUnauthorized, "unauthorized", "show the app's token as a bearer token"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// password lets in who knows it, by any user name; a browser asks for it once.
func password(secret string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, shown, _ := r.BasicAuth()
		got := sha256.Sum256([]byte(shown))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="lockers", charset="UTF-8"`)
			writeError(w, apiError{http.StatusUnauthorized, "unauthorized", "the page has a password"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// localOnly keeps pages of other sites from using an embedded backend through a
// developer's browser, by a name that was made to point to this machine.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			writeError(w, apiError{http.StatusForbidden, "forbidden", "use localhost"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// jsonErrors answers for a mux in JSON what it has no handler for.
func jsonErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		seen := statusOnly{header: http.Header{}}
		h.ServeHTTP(&seen, r)
		if seen.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", seen.header.Get("Allow"))
			writeError(w, apiError{seen.status, "method_not_allowed", "this cannot be done here"})
			return
		}
		writeError(w, apiError{http.StatusNotFound, "not_found", "there is nothing here"})
	})
}

// statusOnly forgets what is written.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

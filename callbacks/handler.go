package callbacks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Handler receives the callbacks of one feed. It is safe for concurrent use.
//
// In this order: another method than POST and PATCH is 405; a missing or wrong secret 401,
// with nothing of the body read; another type than JSON 415; more than 64 KiB 413, an empty
// body 400. Then the body goes to the sink, decoded or, where it cannot be read, whole: a
// sender that repeats a body which nobody can read helps nobody and may give up on all
// others. When the sink has it, the answer is 200 with an empty body, for new and known
// alike. When the sink fails, hangs, is full or shuts down it is 503 with Retry-After, when
// it panics 500, and nothing is acknowledged. A sender that hangs up does not stop the sink.
type Handler[T any] struct {
	feed    Feed[T]
	sink    Sink[T]
	config  config
	allow   string
	retry   string
	buffers sync.Pool
	gate    *gate
}

// NewHandler joins a feed to the sink that keeps its callbacks. Say who may send by
// WithCredentials, WithCredentialSet or Unauthenticated; there is no default. The error
// tells all that is wrong at once.
func NewHandler[T any](feed Feed[T], sink Sink[T], opts ...Option) (*Handler[T], error) {
	c := defaults()
	checkFeed(&c, feed)
	if sink == nil {
		c.fault("the sink is nil; use Direct or an inbox")
	}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	c.authenticate()
	if len(c.faults) > 0 {
		return nil, fmt.Errorf("callbacks: new handler: %s", oneLine(errors.Join(c.faults...)))
	}
	h := &Handler[T]{
		feed: feed, sink: sink, config: c,
		allow: strings.Join(c.methods, ", "),
		retry: strconv.FormatInt(int64((c.retryAfter+time.Second-1)/time.Second), 10),
		gate:  newGate(c.maxPending),
	}
	h.buffers.New = func() any { return new([]byte) }
	return h, nil
}

func checkFeed[T any](c *config, feed Feed[T]) {
	if feed.Name == "" {
		c.fault("the feed has no name")
	}
	if feed.Decode == nil || feed.Key == nil || feed.Group == nil || feed.Time == nil {
		c.fault("the feed lacks Decode, Key, Group or Time")
	}
}

// Shutdown refuses new requests with 503 and waits until the sink has returned from every
// delivery, those included whose request was answered because the sink was slow. Call it
// after http.Server.Shutdown and before closing what the sink writes to. It may be called
// again; the error is the context's.
func (h *Handler[T]) Shutdown(ctx context.Context) error {
	if err := h.gate.close(ctx); err != nil {
		return fmt.Errorf("callbacks: shut down: the sink still holds deliveries: %w", err)
	}
	return nil
}

// ServeHTTP answers one callback.
func (h *Handler[T]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{w: w, r: r, start: time.Now()}
	defer func() {
		if value := recover(); value != nil && !x.answered {
			h.refuse(&x, ReasonPanic, caught("the handler", value))
		}
	}()
	if reason, ok := h.admit(&x); !ok {
		x.unread = true
		h.refuse(&x, reason, nil)
		return
	}
	body, reason, err := h.readBody(&x)
	if reason != "" {
		h.refuse(&x, reason, err)
		return
	}
	h.receive(&x, body)
}

// exchange is one request on its way through the handler.
type exchange struct {
	w          http.ResponseWriter
	r          *http.Request
	start      time.Time
	credential string
	unread     bool
	answered   bool
}

// admit looks at all that can be judged without the body.
func (h *Handler[T]) admit(x *exchange) (Reason, bool) {
	if !slices.Contains(h.config.methods, x.r.Method) {
		return ReasonMethod, false
	}
	if !h.config.unauthenticated {
		v := h.config.set.load().check(x.r, x.start)
		x.credential = v.name
		switch {
		case v.expired:
			return ReasonExpired, false
		case !v.ok:
			return ReasonCredential, false
		}
	}
	if !h.config.anyContentType && !claimsJSON(x.r.Header["Content-Type"]) {
		return ReasonContentType, false
	}
	return "", true
}

// claimsJSON takes no type at all and every type that is a form of JSON, whatever its
// parameters: the charset is judged by the bytes.
func claimsJSON(types []string) bool {
	for _, t := range types {
		media, _, _ := strings.Cut(t, ";")
		_, sub, ok := strings.Cut(strings.ToLower(strings.TrimSpace(media)), "/")
		if !ok || sub != "json" && !strings.HasSuffix(sub, "+json") {
			return false
		}
	}
	return true
}

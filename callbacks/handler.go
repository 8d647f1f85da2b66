package callbacks

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Handler receives the callbacks of one feed. It is safe for concurrent use.
//
// It answers in this order: another method than POST and PATCH is 405; a missing or wrong
// secret 401, with nothing of the body read; another type than JSON 415; more than 64 KiB
// 413, an empty body 400. Then the body goes to the sink, decoded or, where it cannot be
// read, whole: a sender that repeats an unreadable body may give up on all others. When the
// sink has it, the answer is 200 with an empty body, for new and known alike. When the sink
// fails, is full, is late or shuts down the answer is 503 with Retry-After, when it panics
// 500, and nothing is acknowledged. A sender that hangs up does not stop the sink.
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
// names all faults at once.
func NewHandler[T any](feed Feed[T], sink Sink[T], opts ...Option) (*Handler[T], error) {
	c := defaults()
	if feed.Name == "" {
		c.fault("the feed has no name")
	}
	if feed.Decode == nil || feed.Key == nil || feed.Group == nil || feed.Time == nil {
		c.fault("the feed lacks Decode, Key, Group or Time")
	}
	if sink == nil {
		c.fault("the sink is nil; use Direct or an inbox")
	}
	if s, ok := sink.(interface{ faults(*config) }); ok {
		s.faults(&c)
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
		gate:  newGate(0),
	}
	h.buffers.New = func() any { return new(bytes.Buffer) }
	return h, nil
}

// Shutdown refuses new requests with 503 and waits until the sink has returned from every
// delivery and, where it has a Shutdown of its own as Direct does, has finished what it
// began. Call it after http.Server.Shutdown and before closing what the sink writes to. It
// may be called again; the error is the context's.
func (h *Handler[T]) Shutdown(ctx context.Context) error {
	err := h.gate.close(ctx)
	if s, ok := h.sink.(interface{ Shutdown(context.Context) error }); ok && err == nil {
		err = s.Shutdown(ctx)
	}
	if err != nil {
		return fmt.Errorf("callbacks: shut down: the sink still holds deliveries: %w", err)
	}
	return nil
}

// ServeHTTP answers one callback.
func (h *Handler[T]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{w: w, r: r, start: time.Now()}
	defer func() {
		if value := recover(); !x.answered {
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

// admit judges the request without its body.
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
	if !claimsJSON(x.r.Header["Content-Type"]) {
		return ReasonContentType, false
	}
	return "", true
}

// claimsJSON takes an absent type and every type that is a form of JSON, with any
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

// readBody reads the whole body into bytes of its own; only these outlive the request.
func (h *Handler[T]) readBody(x *exchange) ([]byte, Reason, error) {
	if x.r.ContentLength > h.config.maxBody {
		x.unread = true
		return nil, ReasonTooLarge, nil
	}
	h.boundReading(x)
	buf := h.buffers.Get().(*bytes.Buffer)
	defer h.buffers.Put(buf)
	buf.Reset()
	if _, err := buf.ReadFrom(http.MaxBytesReader(x.w, x.r.Body, h.config.maxBody)); err != nil {
		x.unread = true
		return nil, reasonOfRead(err), err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(buf.Bytes(), byteOrderMark))) == 0 {
		return nil, ReasonEmpty, nil
	}
	return bytes.Clone(buf.Bytes()), "", nil
}

func reasonOfRead(err error) Reason {
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return ReasonTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ReasonSlow
	}
	return ReasonCut
}

// boundReading sets the read deadline of this body. net/http lifts it at the end of the body,
// when it begins to look for the sender's hanging up.
func (h *Handler[T]) boundReading(x *exchange) {
	server, _ := x.r.Context().Value(http.ServerContextKey).(*http.Server)
	tighter := server != nil && server.ReadTimeout > 0 && server.ReadTimeout <= h.config.readTimeout
	if x.r.ContentLength == 0 || tighter {
		return
	}
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(h.config.readTimeout))
}

// receive decodes, hands the delivery to the sink and answers.
func (h *Handler[T]) receive(x *exchange, body []byte) {
	d, repaired := h.decode(body)
	if h.gate.enter() != nil {
		h.refuse(x, ReasonShutdown, nil)
		return
	}
	defer h.gate.leave()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), answerTimeout)
	defer cancel()
	start := time.Now()
	outcome, err := h.accept(ctx, d)
	took := time.Since(start)
	if err != nil {
		h.refuse(x, reasonOf(err, ctx.Err() != nil, d.Quarantined()), err)
		return
	}
	h.acknowledge(x, Accepted{
		Outcome: outcome, Key: d.Key, Group: d.Group, Time: d.Time, Size: len(d.Raw),
		Repaired: repaired, Problem: d.Problem, Store: took,
	})
}

// decode makes a delivery of a body. An error or a panic of the feed makes it one that is
// kept whole.
func (h *Handler[T]) decode(body []byte) (d Received[T], repaired bool) {
	received := time.Now().UTC().Round(0)
	unreadable := func(problem string) Received[T] {
		return Received[T]{Record: Record{
			Feed: h.feed.Name, Key: RawKey(body), ReceivedAt: received, Raw: body, Problem: problem,
		}}
	}
	defer func() {
		if value := recover(); value != nil {
			d, repaired = unreadable(caught("the feed", value).Error()), false
		}
	}()
	value, err := h.feed.Decode(body)
	if err != nil {
		// An empty problem means that the body could be read.
		return unreadable(cmp.Or(err.Error(), "the feed cannot read the body")), false
	}
	d = Received[T]{Value: value, Record: Record{
		Feed: h.feed.Name, Key: h.feed.Key(value), Group: h.feed.Group(value),
		Time: h.feed.Time(value), ReceivedAt: received, Raw: body,
	}}
	if h.feed.Slot != nil {
		d.Slot = h.feed.Slot(value)
	}
	return d, h.feed.Repaired != nil && h.feed.Repaired(value)
}

// accept calls the sink. A panic and an outcome that does not exist become errors.
func (h *Handler[T]) accept(ctx context.Context, d Received[T]) (outcome Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = caught("the sink", value)
		}
	}()
	outcome, err = h.sink.Accept(ctx, d)
	if err == nil && (outcome < OutcomeStored || outcome > OutcomeQuarantined) {
		err = errNoOutcome
	}
	return outcome, err
}

// unreadGrace bounds how long net/http reads on after an answer for which the body was not
// wanted, so that a slow body of a stranger holds nothing.
const unreadGrace = time.Second

// refuse answers, then calls the observer. An unwanted body costs the connection: the
// alternative is to read it.
func (h *Handler[T]) refuse(x *exchange, reason Reason, err error) {
	status := reason.Status()
	header := x.w.Header()
	switch status {
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", h.retry)
	case http.StatusMethodNotAllowed:
		header.Set("Allow", h.allow)
	case http.StatusUnauthorized:
		for _, challenge := range h.config.set.load().challenges {
			header.Add("WWW-Authenticate", challenge)
		}
	}
	if x.unread && x.r.ContentLength != 0 {
		header.Set("Connection", "close")
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(unreadGrace))
	}
	x.answered = true
	x.w.WriteHeader(status)
	if hook := h.config.observer.Refused; hook != nil {
		hook(x.r.Context(), Refused{
			Feed: h.feed.Name, Credential: x.credential, Reason: reason,
			Status: status, Err: err, Total: time.Since(x.start),
		})
	}
}

// acknowledge answers first, so that a hook that panics costs no acknowledgement.
func (h *Handler[T]) acknowledge(x *exchange, e Accepted) {
	x.answered = true
	x.w.WriteHeader(http.StatusOK)
	if hook := h.config.observer.Accepted; hook != nil {
		e.Feed, e.Credential, e.Total = h.feed.Name, x.credential, time.Since(x.start)
		hook(x.r.Context(), e)
	}
}

// gate counts and bounds the calls inside, and waits for the last one.
type gate struct {
	mu     sync.Mutex
	limit  int // 0 for none
	inside int
	closed bool
	empty  chan struct{}
}

func newGate(limit int) *gate { return &gate{limit: limit, empty: make(chan struct{})} }

// enter lets one call in, or returns why not.
func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return ErrSinkClosed
	case g.limit > 0 && g.inside >= g.limit:
		return ErrSinkFull
	}
	g.inside++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// close lets no further call in and waits until all are out.
func (g *gate) close(ctx context.Context) error {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		if g.inside == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

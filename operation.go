package lockerline

import (
	"context"
	"net/http"
	"time"
)

// Operation describes one endpoint as a client of this module uses it. Hooks, logs and
// errors name a call by Name and Path, never by its URL: labels stay few and identifiers
// private.
type Operation struct {
	Name       string // such as "lockers.reserve"; stable
	Method     string // HTTP method
	Path       string // template below the base URL, such as "/api/v1/towers/{tower}/lockers"
	Scope      string // what the access token must be good for; empty where there is one credential
	Idempotent bool   // whether it is sent again after it may have arrived
	Evidence   Evidence
}

// Write reports whether the operation may change something at the service.
func (o *Operation) Write() bool { return o.Method != http.MethodGet && o.Method != http.MethodHead }

// Evidence says how well a fact about a service is known.
type Evidence string

// The kinds of evidence.
const (
	// EvidenceVendorPage is stated by the service's own documentation.
	EvidenceVendorPage Evidence = "vendor page"
	// EvidenceObserved was seen in what real clients send and read.
	EvidenceObserved Evidence = "observed"
	// EvidenceInferred follows from documented facts and is stated nowhere.
	EvidenceInferred Evidence = "inferred"
)

// Request describes a call to an endpoint that a client has no method for.
type Request struct {
	// Name is what hooks, logs and errors call it, such as "drivers.list"; Method and
	// Path when empty.
	Name string
	// Method is GET when empty.
	Method string
	// Path is a template below the base URL, such as "/api/v1/towers/{tower}/reset". Put
	// values that vary into Args, never into Path: it appears in errors and logs.
	Path string
	// Args fill the braces of Path, in order; each is escaped as one path element.
	Args []string
	// Query is url.Values, or a struct with url tags as go-querystring reads it; nil for
	// none.
	Query any
	// Body is encoded as JSON; nil for none.
	Body any
	// Scope is what the access token must be good for; the client's usual scope when
	// empty. A client with one credential has no use for it.
	Scope string
	// Idempotent says that it may be sent again after it may have arrived. GET and HEAD
	// always may.
	Idempotent bool
}

// OperationFromContext returns the operation that a request is made for, so that a
// middleware can label what it measures without looking at the URL.
func OperationFromContext(ctx context.Context) (Operation, bool) {
	if o, ok := ctx.Value((*Operation)(nil)).(*Operation); ok && o != nil {
		return *o, true
	}
	return Operation{}, false
}

// CallOption changes one call. Every method that makes calls takes them as its last
// arguments.
type CallOption func(*CallConfig)

// CallConfig is what the options of one call say. Clients read it.
type CallConfig struct {
	Idempotent bool // a repeat does no harm
	NoRetry    bool // one request
	Meta       *CallMeta
}

// NewCallConfig applies the options of one call. It clears what Meta points to.
func NewCallConfig(opts []CallOption) CallConfig {
	if len(opts) == 0 {
		return CallConfig{} // without an allocation
	}
	c := new(CallConfig)
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	if c.Meta != nil {
		*c.Meta = CallMeta{}
	}
	return *c
}

// Add adds what is known about one call to Meta, if the caller asked for it.
func (c *CallConfig) Add(m CallMeta) {
	if c.Meta != nil {
		m.Attempts += c.Meta.Attempts
		m.Duration += c.Meta.Duration
		*c.Meta = m
	}
}

// CallMeta is what is known about a call apart from its result. A method that makes
// several calls adds up Attempts and Duration; the rest is of the latest call.
type CallMeta struct {
	Operation  string
	StatusCode int    // of the last answer; 0 when there was none
	RequestID  string // by which the service knows the last answer; empty when it named none
	Attempts   int
	Duration   time.Duration
}

// Idempotent says that a repeat of this call does no harm, so that it may be sent again
// after it may have arrived. Each method says whether that is so.
func Idempotent() CallOption { return func(c *CallConfig) { c.Idempotent = true } }

// NoRetry makes the call send one request, not even another one after a 401. net/http
// itself may still repeat a read whose reused connection turned out to be closed; a write
// it does not.
func NoRetry() CallOption { return func(c *CallConfig) { c.NoRetry = true } }

// Meta fills m when the call ends, also when it fails.
func Meta(m *CallMeta) CallOption { return func(c *CallConfig) { c.Meta = m } }

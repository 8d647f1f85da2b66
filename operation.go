package lockerline

import (
	"context"
	"net/http"
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

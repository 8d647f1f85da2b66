package transport

import (
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// evidence tells whether a request left. Only net/http's own word counts: it asked for a
// connection and never got one. A transport that fires no trace, such as a mock, is
// taken to have sent it.
type evidence struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

func (e *evidence) getConn(string)                { e.asked.Store(true) }
func (e *evidence) gotConn(httptrace.GotConnInfo) { e.got.Store(true) }

// watch arranges for r to leave evidence with the attempt. It is the innermost layer, so
// that no other request under the same context (a middleware's own) blurs it. A replay
// within the attempt starts with fresh evidence: what it repeats was refused.
func (a *attempt) watch(r *http.Request) *http.Request {
	e := &a.first
	if !a.latest.CompareAndSwap(nil, e) {
		e = new(evidence)
		a.latest.Store(e)
	}
	e.trace.GetConn, e.trace.GotConn = e.getConn, e.gotConn
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &e.trace))
}

// notSent reports whether the attempt provably had no effect.
func (a *attempt) notSent() bool {
	if a.unsent.Load() {
		return true
	}
	e := a.latest.Load()
	return e != nil && e.asked.Load() && !e.got.Load()
}

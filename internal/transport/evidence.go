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

// watch arranges for r to leave evidence. It is the innermost layer, so that no other
// request under the same context (a middleware's own) blurs it.
func (a *attempt) watch(r *http.Request) (*http.Request, *evidence) {
	e := &a.first
	if !a.taken.CompareAndSwap(false, true) {
		e = new(evidence)
	}
	e.trace.GetConn, e.trace.GotConn = e.getConn, e.gotConn
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &e.trace)), e
}

// harmless reports whether a request that ended so provably had no effect. It speaks
// only of what has ended: a request under way may still get its connection.
func (e *evidence) harmless(resp *http.Response, err error) bool {
	if err != nil {
		return e.asked.Load() && !e.got.Load()
	}
	return refused(resp.StatusCode)
}

package main

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// faultJSON is something to go wrong.
type faultJSON struct {
	Op          string            `json:"op"`
	API         string            `json:"api"`
	Times       int               `json:"times"`
	LatencyMS   int64             `json:"latency_ms"`
	Status      int               `json:"status"`
	Body        *string           `json:"body"`
	Headers     map[string]string `json:"headers"`
	RetryAfter  float64           `json:"retry_after_seconds"`
	AfterEffect bool              `json:"after_effect"`
	Cut         string            `json:"cut"`
	Truncate    bool              `json:"truncate"`
}

var cuts = map[string]lockerlinetest.Moment{
	"": 0, "before": lockerlinetest.Before, "after": lockerlinetest.After, "within": lockerlinetest.Within,
}

const (
	apiHarbor  = "harbor"
	apiFoxtrot = "foxtrot"
)

// operations are the names that Fail knows, by API.
func (w *world) operations() map[string][]string {
	names := func(srv *lockerlinetest.Server) (out []string) {
		for _, o := range srv.Operations() {
			out = append(out, o.Name)
		}
		return out
	}
	return map[string][]string{apiHarbor: names(w.harbor.Server), apiFoxtrot: names(w.foxtrot.Server)}
}

func (s *simulator) listFaults(rw http.ResponseWriter, _ *http.Request) {
	answer(rw, http.StatusOK, map[string]any{
		"operations": s.world().operations(),
	})
}

func (s *simulator) clearFaults(rw http.ResponseWriter, _ *http.Request) {
	w := s.world()
	w.harbor.ClearFaults()
	w.foxtrot.ClearFaults()
	rw.WriteHeader(http.StatusNoContent)
}

func (s *simulator) addFault(rw http.ResponseWriter, r *http.Request) {
	var f faultJSON
	if !read(rw, r, &f) {
		return
	}
	if f.Op == "" {
		missing(rw, "op")
		return
	}
	w := s.world()
	if field, message := f.settle(w.operations()); field != "" {
		invalid(rw, field, message)
		return
	}
	srv := w.harbor.Server
	if f.API == apiFoxtrot {
		srv = w.foxtrot.Server
	}
	srv.Fail(f.Op, f.fault())
	answer(rw, http.StatusOK, map[string]any{"op": f.Op, "api": f.API, "times": f.Times})
}

// settle checks the fault and fills in what was left out; it names what is wrong.
func (f *faultJSON) settle(ops map[string][]string) (field, message string) {
	if f.API == "" {
		f.API = apiHarbor
		if f.Op != lockerlinetest.AnyOperation && !slices.Contains(ops[apiHarbor], f.Op) {
			f.API = apiFoxtrot
		}
	}
	f.Times = cmp.Or(f.Times, 1)
	names, known := ops[f.API]
	_, knownCut := cuts[f.Cut]
	switch {
	case !known:
		return "api", "must be harbor or foxtrot"
	case f.Op != lockerlinetest.AnyOperation && !slices.Contains(names, f.Op):
		return "op", "is no operation; GET /_sim/faults lists them"
	case !knownCut:
		return "cut", "must be before, after or within"
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return "status", "must be 200 to 599"
	case f.LatencyMS < 0 || f.LatencyMS > time.Hour.Milliseconds():
		return "latency_ms", "must be 0 or more, and an hour at most"
	case f.RetryAfter < 0:
		return "retry_after_seconds", "must be 0 or more"
	case f.Status == 0 && (f.Body != nil || f.Headers != nil || f.RetryAfter > 0 || f.AfterEffect):
		return "status", "is needed for body, headers, retry_after_seconds and after_effect"
	case f.Status == 0 && f.Cut == "" && f.LatencyMS == 0 && !f.Truncate:
		return "op", "nothing goes wrong: give latency_ms, status, cut or truncate"
	}
	return "", ""
}

func (f *faultJSON) fault() lockerlinetest.Fault {
	latency := time.Duration(f.LatencyMS) * time.Millisecond
	fault := lockerlinetest.Latency(latency).And(lockerlinetest.Disconnect(cuts[f.Cut]))
	if f.Truncate {
		fault = fault.And(lockerlinetest.Truncated())
	}
	if f.Status != 0 {
		fault = fault.And(f.answer())
	}
	if f.AfterEffect {
		fault = fault.AfterEffect()
	}
	return fault.Times(f.Times)
}

func (f *faultJSON) answer() lockerlinetest.Fault {
	out := lockerlinetest.Status(f.Status)
	if f.Body != nil {
		out = lockerlinetest.Answer(f.Status, "application/json", *f.Body)
	}
	if f.RetryAfter > 0 {
		out = out.WithHeader("Retry-After", strconv.FormatFloat(math.Ceil(min(f.RetryAfter, 1e9)), 'f', 0, 64))
	}
	for name, value := range f.Headers {
		out = out.WithHeader(name, value)
	}
	return out
}

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

// apis are the names of the three, in the order in which an operation is looked for.
var apis = []string{"harbor", "foxtrot", "alzabox"}

// api returns one of the three servers; nil for another name.
func (w *world) api(name string) *lockerlinetest.Server {
	switch name {
	case "harbor":
		return w.harbor.Server
	case "foxtrot":
		return w.foxtrot.Server
	case "alzabox":
		return w.alzabox.Server
	}
	return nil
}

// operations are the names that Fail knows, by API.
func (w *world) operations() map[string][]string {
	out := map[string][]string{}
	for _, api := range apis {
		for _, o := range w.api(api).Operations() {
			out[api] = append(out[api], o.Name)
		}
	}
	return out
}

func (s *simulator) listFaults(rw http.ResponseWriter, _ *http.Request) {
	answer(rw, http.StatusOK, map[string]any{
		"operations": s.world().operations(),
	})
}

func (s *simulator) clearFaults(rw http.ResponseWriter, _ *http.Request) {
	w := s.world()
	for _, api := range apis {
		w.api(api).ClearFaults()
	}
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
	w.api(f.API).Fail(f.Op, f.fault())
	answer(rw, http.StatusOK, map[string]any{"op": f.Op, "api": f.API, "times": f.Times})
}

// settle checks the fault and fills in what was left out; it names what is wrong.
func (f *faultJSON) settle(ops map[string][]string) (field, message string) {
	if f.API == "" {
		f.API = apis[0]
		for _, api := range apis {
			if slices.Contains(ops[api], f.Op) {
				f.API = api
				break
			}
		}
	}
	f.Times = cmp.Or(f.Times, 1)
	names, known := ops[f.API]
	_, knownCut := cuts[f.Cut]
	switch {
	case !known:
		return "api", "must be harbor, foxtrot or alzabox"
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

package harbortest

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// problem is one entry of a validation error.
type problem struct {
	Loc  []any  `json:"loc"`
	Msg  string `json:"msg"`
	Type string `json:"type"`
}

// input reads one request and collects what is wrong with it.
type input struct {
	path     map[string]string
	query    url.Values
	fields   map[string]json.RawMessage
	problems []problem
}

func (in *input) fault(msg, kind string, loc ...any) {
	in.problems = append(in.problems, problem{Loc: loc, Msg: msg, Type: kind})
}

// body decodes a JSON object as a body.
func (in *input) body(raw []byte) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	var v json.RawMessage
	if len(bytes.TrimSpace(raw)) == 0 {
		in.fault("field required", "value_error.missing", "body")
		return
	}
	if err := dec.Decode(&v); err != nil || dec.More() {
		in.fault("Expecting value: line 1 column 1 (char 0)", "value_error.jsondecode", "body", int(dec.InputOffset()))
		return
	}
	if json.Unmarshal(v, &in.fields) != nil || in.fields == nil {
		in.fault("value is not a valid dict", "type_error.dict", "body")
	}
}

const (
	missing, missingType = "field required", "value_error.missing"
	notInt, notIntType   = "value is not a valid integer", "type_error.integer"
)

// pathInt reads an id of the path. Harbor's own name for it ends in _id.
func (in *input) pathInt(name string) int64 {
	n, err := strconv.ParseInt(in.path[name], 10, 64)
	if err != nil {
		in.fault(notInt, notIntType, "path", name+"_id")
	}
	return n
}

// field returns a field of the body. Null counts as absent, as in Harbor's framework.
func (in *input) field(name string, required bool) (json.RawMessage, bool) {
	raw, there := in.fields[name]
	if there && string(raw) != "null" {
		return raw, true
	}
	if required && in.fields != nil {
		in.fault(missing, missingType, "body", name)
	}
	return nil, false
}

// positive reads a required whole number above zero.
func (in *input) positive(name string) int64 {
	raw, there := in.field(name, true)
	if !there {
		return 0
	}
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	switch {
	case err != nil:
		in.fault(notInt, notIntType, "body", name)
	case n <= 0:
		in.fault("ensure this value is greater than 0", "value_error.number.not_gt", "body", name)
	}
	return n
}

func (in *input) text(name string, required bool) string {
	var s string
	if raw, there := in.field(name, required); there && json.Unmarshal(raw, &s) != nil {
		in.fault("str type expected", "type_error.str", "body", name)
	}
	return s
}

func (in *input) flag(name string) bool {
	var b bool
	if raw, there := in.field(name, false); there && json.Unmarshal(raw, &b) != nil {
		in.fault("value could not be parsed to a boolean", "type_error.bool", "body", name)
	}
	return b
}

func (in *input) object(name string) json.RawMessage {
	raw, there := in.field(name, false)
	var m map[string]any
	if there && json.Unmarshal(raw, &m) != nil {
		in.fault("value is not a valid dict", "type_error.dict", "body", name)
	}
	return raw
}

func (in *input) queryInt(name string, absent int) int {
	if !in.query.Has(name) {
		return absent
	}
	n, err := strconv.Atoi(in.query.Get(name))
	switch {
	case err != nil:
		in.fault(notInt, notIntType, "query", name)
	case n < 0:
		in.fault("ensure this value is greater than or equal to 0", "value_error.number.not_ge", "query", name)
	}
	return n
}

func (in *input) queryFloat(name string) float64 {
	if !in.query.Has(name) {
		in.fault(missing, missingType, "query", name)
		return 0
	}
	f, err := strconv.ParseFloat(in.query.Get(name), 64)
	if err != nil || f != f {
		in.fault("value is not a valid float", "type_error.float", "query", name)
	}
	return f
}

// filter is an optional flag; without it everything passes.
type filter struct{ value *bool }

func (f filter) allows(is bool) bool { return f.value == nil || *f.value == is }

// queryBool reads a flag as Harbor's framework does.
func (in *input) queryBool(name string) filter {
	if !in.query.Has(name) {
		return filter{}
	}
	switch strings.ToLower(in.query.Get(name)) {
	case "true", "1", "on", "yes", "t", "y":
		return filter{new(true)}
	case "false", "0", "off", "no", "f", "n":
		return filter{new(false)}
	}
	in.fault("value could not be parsed to a boolean", "type_error.bool", "query", name)
	return filter{}
}

// queryPoint reads "lat,lon".
func (in *input) queryPoint(name string) (lat, lon float64) {
	if !in.query.Has(name) {
		in.fault(missing, missingType, "query", name)
		return 0, 0
	}
	first, second, found := strings.Cut(in.query.Get(name), ",")
	lat, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(second), 64)
	if !found || err != nil || err2 != nil || lat != lat || lon != lon {
		in.fault("value is not a point: latitude and longitude with a comma", "value_error", "query", name)
	}
	return lat, lon
}

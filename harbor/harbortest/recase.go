package harbortest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// recase respells the keys of a JSON text. What a caller put into a link's payload is
// its own and stays.
func recase(body []byte, casing Casing) []byte {
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		panic("harbortest: an answer that is no JSON: " + err.Error())
	}
	out, err := json.Marshal(recaseValue(v, casing))
	if err != nil {
		panic("harbortest: an answer that is no JSON: " + err.Error())
	}
	return out
}

func recaseValue(v any, casing Casing) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = recaseValue(v[i], casing)
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			if key != "payload" {
				value = recaseValue(value, casing)
			}
			out[respell(key, casing)] = value
		}
		return out
	}
	return v
}

func respell(key string, casing Casing) string {
	if casing == CasingSnake {
		var b strings.Builder
		for _, c := range key {
			if c >= 'A' && c <= 'Z' {
				b.WriteByte('_')
				c += 'a' - 'A'
			}
			b.WriteRune(c)
		}
		return b.String()
	}
	parts := strings.Split(key, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

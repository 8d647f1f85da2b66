package callbacks_test

import (
	"encoding/json"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestOptionalKeepsAbsentNullAndValueApart(t *testing.T) {
	t.Parallel()
	type holder struct {
		X callbacks.Optional[int] `json:"x,omitzero"`
	}
	for text, want := range map[string]struct {
		absent, null, value bool
		printed             string
	}{
		`{}`:         {true, false, false, "absent"},
		`{"x":null}`: {false, true, false, "null"},
		`{"x":0}`:    {false, false, true, "0"},
	} {
		var h holder
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		_, ok := h.X.Get()
		if h.X.IsAbsent() != want.absent || h.X.IsNull() != want.null || ok != want.value || h.X.String() != want.printed {
			t.Errorf("%s: %v", text, h.X)
		}
		if written, err := json.Marshal(h); err != nil || string(written) != text {
			t.Errorf("%s written as %s, %v", text, written, err)
		}
	}
}

func TestOptionalFallsBackWithoutAValue(t *testing.T) {
	t.Parallel()
	if callbacks.Some(0).Or(7) != 0 || callbacks.Null[int]().Or(7) != 7 || (callbacks.Optional[int]{}).Or(7) != 7 {
		t.Error("wrong fallback")
	}
}

func TestOptionalKeepsItsValueWhenReadingFails(t *testing.T) {
	t.Parallel()
	o := callbacks.Some(3)
	if err := json.Unmarshal([]byte(`"x"`), &o); err == nil || o != callbacks.Some(3) {
		t.Errorf("%v, %v", o, err)
	}
}

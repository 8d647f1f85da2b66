package callbacks_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestKeyCannotBeFooledBySeparators(t *testing.T) {
	t.Parallel()
	lists := [][]string{
		nil,
		{""},
		{"", ""},
		{"ab", "c"},
		{"a", "bc"},
		{"abc"},
		{"a", "b", "c"},
		{"a\x00bc"},
		{"a|b", "c"},
		{"a", "b|c"},
		{"abc", ""},
		{"", "abc"},
		{"a\x01b"},
		{"a", "b"},
		{"a\x01\x00\x00\x00\x00\x00\x00\x00\x01b"},
	}
	seen := map[callbacks.Key][]string{}
	for _, list := range lists {
		k := callbacks.KeyOf(list...)
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %q have the same key", list, other)
		}
		seen[k] = list
	}
}

func TestKeyTellsKindsApart(t *testing.T) {
	t.Parallel()
	b := func() *callbacks.KeyBuilder { return new(callbacks.KeyBuilder) }
	keys := []callbacks.Key{
		b().Key(),
		b().Absent().Key(),
		b().Null().Key(),
		b().Text("").Key(),
		b().Text("true").Key(),
		b().Bool(true).Key(),
		b().Bool(false).Key(),
		b().Texts(nil).Key(),
		b().Texts([]string{""}).Key(),
		b().Texts([]string{"a", "b"}).Key(),
		b().Texts([]string{"b", "a"}).Key(),
		b().Texts([]string{"a"}).Text("b").Key(),
		b().Text("a").Text("b").Key(),
		b().Instant(time.Unix(0, 0)).Key(),
		b().Instant(time.Unix(0, 1)).Key(),
		callbacks.RawKey(nil),
		callbacks.RawKey([]byte("a")),
	}
	for i, k := range keys {
		if j := slices.Index(keys, k); j != i {
			t.Errorf("cases %d and %d have the same key", j, i)
		}
	}
}

func TestKeyTakesATimeAsAnInstant(t *testing.T) {
	t.Parallel()
	utc := time.Date(2022, 12, 30, 13, 0, 32, 420_000_000, time.UTC)
	prague := utc.In(time.FixedZone("CET", 3600))
	a := new(callbacks.KeyBuilder).Instant(utc).Key()
	if b := new(callbacks.KeyBuilder).Instant(prague).Key(); a != b {
		t.Error("the zone changed the key")
	}
	if b := new(callbacks.KeyBuilder).Instant(utc.Add(1)).Key(); a == b {
		t.Error("a nanosecond did not change the key")
	}
}

func TestKeyOfLongFieldsIsComplete(t *testing.T) {
	t.Parallel()
	long := string(bytes.Repeat([]byte("x"), 5000))
	if callbacks.KeyOf(long, "a") == callbacks.KeyOf(long, "b") {
		t.Error("what stands behind a long field is ignored")
	}
}

func FuzzKeyIsInjective(f *testing.F) {
	f.Add("91fcb674-bfbc-4f88-9bef-9651874e8126", "PICKED_UP", "91fcb674-bfbc-4f88-9bef-9651874e8126P", "ICKED_UP")
	f.Add("", "", "", "")
	f.Add("a\x01b", "c", "a", "b\x01c")
	f.Add("a\x00", "b", "a", "\x00b")
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x01a", "", "", "a")
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		same := a1 == b1 && a2 == b2
		if (callbacks.KeyOf(a1, a2) == callbacks.KeyOf(b1, b2)) != same {
			t.Errorf("KeyOf(%q, %q) against KeyOf(%q, %q)", a1, a2, b1, b2)
		}
		if callbacks.KeyOf(a1, a2) == callbacks.KeyOf(a1+a2) {
			t.Errorf("KeyOf(%q, %q) is the key of their concatenation", a1, a2)
		}
		list := new(callbacks.KeyBuilder).Texts([]string{a1, a2}).Text(b1).Key()
		longer := new(callbacks.KeyBuilder).Texts([]string{a1}).Text(a2).Text(b1).Key()
		if list == longer {
			t.Errorf("the end of a list does not count: %q %q %q", a1, a2, b1)
		}
		if callbacks.RawKey([]byte(a1)) == callbacks.KeyOf(a1) {
			t.Errorf("the raw key of %q is its field key", a1)
		}
	})
}

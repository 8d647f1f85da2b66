package callbacks

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestKeyOf_CannotBeFooledBySeparators(t *testing.T) {
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
	seen := map[Key][]string{}
	for _, list := range lists {
		k := KeyOf(list...)
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %q have the same key", list, other)
		}
		seen[k] = list
	}
}

func TestKey_TellsKindsApart(t *testing.T) {
	t.Parallel()
	keys := []Key{
		digest(nil),
		digest([]byte{tagAbsent}),
		digest([]byte{tagNull}),
		digest(appendText(nil, "")),
		digest(appendText(nil, "true")),
		digest(appendBool(nil, true)),
		digest(appendBool(nil, false)),
		digest(appendTexts(nil, nil)),
		digest(appendTexts(nil, []string{""})),
		digest(appendTexts(nil, []string{"a", "b"})),
		digest(appendTexts(nil, []string{"b", "a"})),
		digest(appendText(appendTexts(nil, []string{"a"}), "b")),
		digest(appendText(appendText(nil, "a"), "b")),
		digest(appendInstant(nil, time.Unix(0, 0))),
		digest(appendInstant(nil, time.Unix(0, 1))),
		RawKey(nil),
		RawKey([]byte("a")),
	}
	for i, k := range keys {
		if j := slices.Index(keys, k); j != i {
			t.Errorf("cases %d and %d have the same key", j, i)
		}
	}
}

func TestKey_TakesATimeAsAnInstant(t *testing.T) {
	t.Parallel()
	utc := time.Date(2022, 12, 30, 13, 0, 32, 420_000_000, time.UTC)
	prague := utc.In(time.FixedZone("CET", 3600))
	key := func(at time.Time) Key { return digest(appendInstant(nil, at)) }
	if key(utc) != key(prague) {
		t.Error("the zone changed the key")
	}
	if key(utc) == key(utc.Add(1)) {
		t.Error("a nanosecond did not change the key")
	}
}

func TestKeyOf_LongFieldsAreComplete(t *testing.T) {
	t.Parallel()
	long := string(bytes.Repeat([]byte("x"), 5000))
	if KeyOf(long, "a") == KeyOf(long, "b") {
		t.Error("what stands behind a long field is ignored")
	}
}

func FuzzKey_IsInjective(f *testing.F) {
	f.Add("91fcb674-bfbc-4f88-9bef-9651874e8126", "PICKED_UP", "91fcb674-bfbc-4f88-9bef-9651874e8126P", "ICKED_UP")
	f.Add("", "", "", "")
	f.Add("a\x01b", "c", "a", "b\x01c")
	f.Add("a\x00", "b", "a", "\x00b")
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x01a", "", "", "a")
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		same := a1 == b1 && a2 == b2
		if (KeyOf(a1, a2) == KeyOf(b1, b2)) != same {
			t.Errorf("KeyOf(%q, %q) against KeyOf(%q, %q)", a1, a2, b1, b2)
		}
		if KeyOf(a1, a2) == KeyOf(a1+a2) {
			t.Errorf("KeyOf(%q, %q) is the key of their concatenation", a1, a2)
		}
		list := digest(appendText(appendTexts(nil, []string{a1, a2}), b1))
		longer := digest(appendText(appendText(appendTexts(nil, []string{a1}), a2), b1))
		if list == longer {
			t.Errorf("the end of a list does not count: %q %q %q", a1, a2, b1)
		}
		if RawKey([]byte(a1)) == KeyOf(a1) {
			t.Errorf("the raw key of %q is its field key", a1)
		}
	})
}

package harbor_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestParseLockerStatus_KnownStatusReadsAsItself(t *testing.T) {
	t.Parallel()
	all := harbor.LockerStatuses()
	require.Len(t, all, 6)
	for _, s := range all {
		assert.True(t, s.Known(), s)
		assert.Equal(t, s, harbor.ParseLockerStatus(string(s)))
	}
	all[0] = "changed"
	assert.Equal(t, harbor.LockerStatusAvailable, harbor.LockerStatuses()[0], "a caller must not reach the table")
}

func TestParseLockerStatus_SpellingDoesNotMatter(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]harbor.LockerStatus{
		"Available":        harbor.LockerStatusAvailable,
		" RESERVED\n":      harbor.LockerStatusReserved,
		"Declined":         harbor.LockerStatusReleased,
		"declined":         harbor.LockerStatusReleased,
		"RELEASED":         harbor.LockerStatusReleased,
		"Out of service":   harbor.LockerStatusOutOfService,
		"out-of-service":   harbor.LockerStatusOutOfService,
		"OUT_OF_SERVICE":   harbor.LockerStatusOutOfService,
		"OutOfService":     harbor.LockerStatusOutOfService,
		"o u t ofservi ce": harbor.LockerStatusOutOfService,
	} {
		assert.Equal(t, want, harbor.ParseLockerStatus(name), name)
	}
}

func TestParseLockerStatus_UnknownIsKept(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Under Maintenance", "availableish", "out of services", "état"} {
		got := harbor.ParseLockerStatus(name)
		assert.Equal(t, name, string(got))
		assert.False(t, got.Known())
		assert.Empty(t, got.Events())
	}
}

func TestLockerStatus_JSONIsReadLeniently(t *testing.T) {
	t.Parallel()
	var got []harbor.LockerStatus
	require.NoError(t, json.Unmarshal([]byte(`["Out Of Service","declined","weird"]`), &got))
	assert.Equal(t, []harbor.LockerStatus{harbor.LockerStatusOutOfService, harbor.LockerStatusReleased, "weird"}, got)
}

func TestParseLockerStatus_DoesNotAllocate(t *testing.T) {
	names := []string{"available", "Out of Service", "DECLINED", "some other unknown status"}
	got := testing.AllocsPerRun(100, func() {
		for _, n := range names {
			_ = harbor.ParseLockerStatus(n)
		}
	})
	assert.Zero(t, got)
}

func FuzzParseLockerStatus(f *testing.F) {
	for _, s := range harbor.LockerStatuses() {
		f.Add(string(s))
	}
	f.Add("Out of service")
	f.Add("DECLINED")
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, name string) {
		got := harbor.ParseLockerStatus(name)
		if !got.Known() && string(got) != name {
			t.Fatalf("unknown %q became %q", name, got)
		}
		if again := harbor.ParseLockerStatus(string(got)); again != got {
			t.Fatalf("reading %q twice gave %q, then %q", name, got, again)
		}
	})
}

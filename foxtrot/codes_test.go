package foxtrot_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// One row for each code on the vendor's pages.
func TestCodes_AreTheDocumentedNumbersAndMatchTheirErrors(t *testing.T) {
	t.Parallel()
	var (
		duplicate = []error{foxtrot.ErrDuplicate, lockerline.ErrConflict}
		conflict  = []error{lockerline.ErrConflict}
		notFound  = []error{lockerline.ErrNotFound}
		invalid   = []error{lockerline.ErrInvalid}
	)
	documented := []struct {
		number int
		code   foxtrot.Code
		kinds  []error
	}{
		{400, foxtrot.CodeBadParameters, invalid},
		{1000, foxtrot.CodeInternal, []error{lockerline.ErrServer}},
		{1001, foxtrot.CodeUserNotConfigured, []error{foxtrot.ErrNotConfigured}},
		{1002, foxtrot.CodeDCNotConfigured, []error{foxtrot.ErrNotConfigured}},
		{2000, foxtrot.CodeDriverExists, duplicate},
		{2001, foxtrot.CodeDriverNotFound, notFound},
		{3000, foxtrot.CodeRouteInvalid, invalid},
		{3001, foxtrot.CodeTimeWindowsTooRestrictive, invalid},
		{3002, foxtrot.CodeStopAtWarehouse, invalid},
		{3003, foxtrot.CodeRouteNotFound, notFound},
		{3004, foxtrot.CodeRouteAnalyzed, conflict},
		{3005, foxtrot.CodeDuplicateRoute, duplicate},
		{3006, foxtrot.CodeDuplicateWaypoint, duplicate},
		{3007, foxtrot.CodeDuplicateDelivery, duplicate},
		{3008, foxtrot.CodeDuplicateInvoice, duplicate},
		{3009, foxtrot.CodeDuplicateInvoiceItem, duplicate},
		{3010, foxtrot.CodeRouteActive, conflict},
		{3012, foxtrot.CodeRouteFinished, conflict},
		{5001, foxtrot.CodeDuplicateAccountingRecord, duplicate},
		{6000, foxtrot.CodeTransactionNotFound, notFound},
		{7001, foxtrot.CodeLocationNotConfident, []error{foxtrot.ErrLocationNotConfident}},
	}
	all := []error{
		lockerline.ErrNotFound, lockerline.ErrUnauthorized, lockerline.ErrForbidden, lockerline.ErrInvalid, lockerline.ErrConflict, foxtrot.ErrDuplicate,
		foxtrot.ErrNotConfigured, lockerline.ErrRateLimited, lockerline.ErrServer, lockerline.ErrPending, foxtrot.ErrLocationNotConfident, foxtrot.ErrNoLocation,
	}
	codes := foxtrot.Codes()
	require.Len(t, codes, len(documented))
	for i, want := range documented {
		assert.Equal(t, foxtrot.Code(want.number), want.code)
		assert.Equal(t, want.code, codes[i], "ascending")
		assert.True(t, want.code.Known())
		require.NotEmpty(t, want.code.Meaning())
		e := getCustomer(t, 400, fmt.Sprintf(`{"status":"error","data":{"code":%d}}`, want.number))
		assert.Equal(t, want.code, e.Code)
		assert.Contains(t, e.Error(), want.code.Meaning())
		for _, kind := range all {
			assert.Equal(t, slices.Contains(want.kinds, kind), errors.Is(e, kind), "code %d, %v", want.number, kind)
		}
	}
	assert.False(t, foxtrot.Code(3011).Known())
	assert.Empty(t, foxtrot.Code(3011).Meaning())
	assert.Equal(t, "3011", foxtrot.Code(3011).String())
}

func TestCodes_CannotBeChangedFromOutside(t *testing.T) {
	t.Parallel()
	foxtrot.Codes()[0] = 1
	assert.Equal(t, foxtrot.CodeBadParameters, foxtrot.Codes()[0])
	kinds, _ := foxtrot.CodeInternal.Kinds(500)
	kinds[0] = lockerline.ErrPending
	kinds, _ = foxtrot.CodeInternal.Kinds(500)
	assert.NotContains(t, kinds, lockerline.ErrPending)
}

func TestKnown_IsTrueForDocumentedWordsAlone(t *testing.T) {
	t.Parallel()
	for _, word := range []interface{ Known() bool }{
		foxtrot.WaypointStatusPending, foxtrot.WaypointStatusCompleted,
		foxtrot.DeliveryStatusSuccessful, foxtrot.DeliveryStatusFailed, foxtrot.DeliveryStatusVisitLater, foxtrot.DeliveryStatusAuthorizeReattempt,
		foxtrot.CompletionTypeEstimated, foxtrot.CompletionTypeFinalized, foxtrot.CompletionTypeActual,
	} {
		assert.True(t, word.Known(), "%v", word)
	}
	for _, word := range []interface{ Known() bool }{
		foxtrot.WaypointStatus("SKIPPED"), foxtrot.DeliveryStatus("failed"), foxtrot.CompletionType(""), foxtrot.WebhookEventType("NEW"),
	} {
		assert.False(t, word.Known(), "%v", word)
	}
}

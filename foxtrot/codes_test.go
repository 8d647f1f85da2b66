package foxtrot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// One row for each code on the vendor's pages.
func TestCodes_AreTheDocumentedNumbers(t *testing.T) {
	t.Parallel()
	documented := []struct {
		number int
		code   foxtrot.Code
	}{
		{400, foxtrot.CodeBadParameters},
		{1000, foxtrot.CodeInternal},
		{1001, foxtrot.CodeUserNotConfigured},
		{1002, foxtrot.CodeDCNotConfigured},
		{2000, foxtrot.CodeDriverExists},
		{2001, foxtrot.CodeDriverNotFound},
		{3000, foxtrot.CodeRouteInvalid},
		{3001, foxtrot.CodeTimeWindowsTooRestrictive},
		{3002, foxtrot.CodeStopAtWarehouse},
		{3003, foxtrot.CodeRouteNotFound},
		{3004, foxtrot.CodeRouteAnalyzed},
		{3005, foxtrot.CodeDuplicateRoute},
		{3006, foxtrot.CodeDuplicateWaypoint},
		{3007, foxtrot.CodeDuplicateDelivery},
		{3008, foxtrot.CodeDuplicateInvoice},
		{3009, foxtrot.CodeDuplicateInvoiceItem},
		{3010, foxtrot.CodeRouteActive},
		{3012, foxtrot.CodeRouteFinished},
		{5001, foxtrot.CodeDuplicateAccountingRecord},
		{6000, foxtrot.CodeTransactionNotFound},
		{7001, foxtrot.CodeLocationNotConfident},
	}
	codes := foxtrot.Codes()
	require.Len(t, codes, len(documented))
	for i, want := range documented {
		assert.Equal(t, foxtrot.Code(want.number), want.code)
		assert.Equal(t, want.code, codes[i].Code, "ascending")
		assert.True(t, want.code.Known())
	}
	assert.False(t, foxtrot.Code(3011).Known())
	assert.Empty(t, foxtrot.Code(3011).Meaning())
	assert.Equal(t, "3011", foxtrot.Code(3011).String())
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

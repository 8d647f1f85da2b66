package callbacks_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// body is a basic change with members put in or, where they have the same name, on top.
func body(members string) string {
	s := `{"reservationId":"r1","status":"STOCKED","changeTime":"2022-12-30T13:00:32.42Z"`
	if members != "" {
		s += "," + members
	}
	return s + "}"
}

func decoded(t *testing.T, text string) callbacks.ReservationChange {
	t.Helper()
	c, err := callbacks.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

func notDecoded(t *testing.T, text string) {
	t.Helper()
	if c, err := callbacks.Decode([]byte(text)); err == nil {
		t.Fatalf("decoded as %+v\n%s", c, text)
	}
}

func check(t *testing.T, ok bool, what string) {
	t.Helper()
	if !ok {
		t.Error(what)
	}
}

func changedAt(text string) string { return body(`"changeTime":` + text) }

// The questions that the vendor's documents leave open, and what the package does about
// each. Where the answer lies in the inbox (order, lateness), the row shows what this
// package gives it to work with.
var tolerances = []struct {
	number   int
	question string
	check    func(*testing.T)
}{
	{1, "fraction digits", func(t *testing.T) {
		for digits := range 10 {
			text := "2022-12-30T13:00:32"
			if digits > 0 {
				text += "." + "123456789"[:digits]
			}
			c := decoded(t, changedAt(`"`+text+`Z"`))
			check(t, c.ChangeTime.Format(time.RFC3339Nano) == text+"Z", text+" became "+c.ChangeTime.String())
		}
	}},
	{2, "zone missing and other odd times", func(t *testing.T) {
		for _, odd := range []string{
			"2022-12-30T13:00:32.42", "2022-12-30T14:00:32.42+0100", "2022-12-30T14:00:32.42+01",
			"2022-12-30 13:00:32.42Z", "2022-12-30 14:00:32.42 +0100", "2022-12-30t13:00:32.42z", "", "tomorrow",
		} {
			notDecoded(t, changedAt(`"`+odd+`"`))
			notDecoded(t, body(`"expirationDate":"`+odd+`"`))
		}
	}},
	{3, "other offsets", func(t *testing.T) {
		c := decoded(t, changedAt(`"2022-12-30T14:00:32.42+01:00"`))
		check(t, c.ChangeTime == time.Date(2022, 12, 30, 13, 0, 32, 420_000_000, time.UTC), c.ChangeTime.String())
	}},
	{4, ".NET zero date", func(t *testing.T) {
		for _, zero := range []string{"0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000", "0001-01-01T00:00:00+01:00"} {
			check(t, decoded(t, body(`"startReservationDate":"`+zero+`"`)).StartReservationDate.IsNull(), zero)
			notDecoded(t, changedAt(`"`+zero+`"`))
		}
	}},
	{5, "unknown status", func(t *testing.T) {
		c := decoded(t, body(`"status":"Thawing"`))
		check(t, c.Status == "Thawing" && !c.Status.Known() && c.Meaning() == callbacks.MeaningUnknown, string(c.Status))
	}},
	{6, "unknown flow type and error state", func(t *testing.T) {
		c := decoded(t, body(`"flowType":"SIDEWAYS","errorState":"DOOR_STUCK"`))
		flow, _ := c.FlowType.Get()
		state, _ := c.ErrorState.Get()
		check(t, flow == "SIDEWAYS" && !flow.Known(), string(flow))
		check(t, state == "DOOR_STUCK" && !state.Known(), string(state))
	}},
	{7, "error state as the text null", func(t *testing.T) {
		for _, none := range []string{`"null"`, `""`, `null`} {
			c := decoded(t, body(`"errorState":`+none))
			check(t, c.ErrorState.IsNull() && strings.Contains(string(c.Raw), `"errorState":`+none), none)
		}
	}},
	{8, "error state with another status, none with INCOMPLETE", func(t *testing.T) {
		c := decoded(t, body(`"errorState":"RESERVED_SLOT_TOO_SMALL"`))
		check(t, c.ErrorState.Or("") == callbacks.ErrorStateSlotTooSmall, c.ErrorState.String())
		check(t, decoded(t, body(`"status":"INCOMPLETE","errorState":null`)).ErrorState.IsNull(), "null with INCOMPLETE")
	}},
	{9, "members missing or null", func(t *testing.T) {
		c := decoded(t, body(""))
		check(t, c.FlowType.IsAbsent() && c.Barcodes.IsAbsent() && c.DocNumber.IsAbsent() && c.Blocked.IsAbsent() &&
			c.ErrorState.IsAbsent() && c.StartReservationDate.IsAbsent() && c.ExpirationDate.IsAbsent(), "absent")
		c = decoded(t, body(`"flowType":null,"barcodes":null,"docNumber":null,"blocked":null,"errorState":null,"startReservationDate":null,"expirationDate":null`))
		check(t, c.FlowType.IsNull() && c.Barcodes.IsNull() && c.DocNumber.IsNull() && c.Blocked.IsNull() &&
			c.ErrorState.IsNull() && c.StartReservationDate.IsNull() && c.ExpirationDate.IsNull(), "null")
	}},
	{10, "blocked missing", func(t *testing.T) {
		check(t, decoded(t, body("")).Meaning() == callbacks.MeaningStocked, "a missing block was read as not blocked")
		check(t, decoded(t, body(`"blocked":false`)).Meaning() == callbacks.MeaningReady, "not blocked")
	}},
	{11, "change time missing or null", func(t *testing.T) {
		notDecoded(t, `{"reservationId":"r1","status":"STOCKED"}`)
		notDecoded(t, changedAt(`null`))
	}},
	{12, "document number null or the reservation id", func(t *testing.T) {
		check(t, decoded(t, body(`"docNumber":null`)).DocNumber.IsNull(), "null")
		check(t, decoded(t, body(`"docNumber":"r1"`)).DocNumber.Or("") == "r1", "equal")
	}},
	{13, "reservation id of any characters", func(t *testing.T) {
		for _, id := range []string{"a b/c?d=%20#e", "žluťoučký kůň 🐎", strings.Repeat("x", 100), "..", "hMg8VDP8oldBNVgAOBvH"} {
			c := decoded(t, body(`"reservationId":"`+id+`"`))
			check(t, c.ReservationID == id && callbacks.Reservations().Group(c) == id, id)
		}
	}},
	{14, "barcodes empty, several, doubled, with zeros", func(t *testing.T) {
		for text, want := range map[string][]string{
			`[]`: {}, `["007"]`: {"007"}, `["b","a","b"]`: {"b", "a", "b"}, `[ "x\"]" , "" ]`: {`x"]`, ""},
		} {
			got, ok := decoded(t, body(`"barcodes":`+text)).Barcodes.Get()
			check(t, ok && slices.Equal(got, want), text)
		}
	}},
	{15, "new keys, other order, other case", func(t *testing.T) {
		c := decoded(t, `{"temperature":{"min":[1,{"x":null}]},"CHANGETIME":"2022-12-30T13:00:32Z","Status":"STOCKED","reservationid":"r1"}`)
		check(t, c.ReservationID == "r1" && c.Status == callbacks.StatusStocked, "members not matched")
	}},
	{16, "re-sends have no id", func(t *testing.T) {
		feed := callbacks.Reservations()
		first := decoded(t, body(`"blocked":false`))
		again := decoded(t, `{ "blocked" : false, "changeTime":"2022-12-30T14:00:32.420+01:00","status":"STOCKED", "reservationId":"r1"}`)
		check(t, feed.Key(first) == feed.Key(again), "a re-send looks new")
		amended := decoded(t, body(`"blocked":true`))
		check(t, feed.Key(first) != feed.Key(amended) && feed.Slot(first) == feed.Slot(amended), "an amendment is not seen as one")
	}},
	{17, "the same status twice", func(t *testing.T) {
		feed := callbacks.Reservations()
		first, later := decoded(t, body("")), decoded(t, changedAt(`"2022-12-30T13:00:32.421Z"`))
		check(t, feed.Key(first) != feed.Key(later) && feed.Slot(first) != feed.Slot(later), "a newer change looks like a re-send")
	}},
	{18, "out of order", func(t *testing.T) {
		feed := callbacks.Reservations()
		old, fresh := decoded(t, changedAt(`"2022-12-30T13:00:32.4Z"`)), decoded(t, changedAt(`"2022-12-30T13:00:32.41Z"`))
		check(t, feed.Time(old).Before(feed.Time(fresh)) && feed.Group(old) == feed.Group(fresh), "cannot be put in order")
	}},
	{19, "two statuses at one time", func(t *testing.T) {
		feed := callbacks.Reservations()
		a, b := decoded(t, body("")), decoded(t, body(`"status":"PICKED_UP"`))
		check(t, feed.Key(a) != feed.Key(b) && feed.Slot(a) != feed.Slot(b) && feed.Time(a).Equal(feed.Time(b)), "one would be dropped")
	}},
	{20, "gaps: every status after every other", func(t *testing.T) {
		sink := newMemorySink()
		h := mustHandler(t, sink)
		for i, status := range append(callbacks.Statuses(), callbacks.Statuses()...) {
			at := time.Date(2022, 1, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339)
			check(t, post(h, body(`"status":"`+string(status)+`","changeTime":"`+at+`"`)).Code == http.StatusOK, string(status))
		}
		check(t, len(sink.stored()) == 24, "a change was dropped")
	}},
	{21, "reservation never seen", func(t *testing.T) {
		check(t, post(mustHandler(t, newMemorySink()), body(`"flowType":"INLET","status":"RETURNING"`)).Code == http.StatusOK, "refused")
	}},
	{22, "RETURNING without flow", func(t *testing.T) {
		for flow, want := range map[string]callbacks.Meaning{
			``: callbacks.MeaningReturning, `,"flowType":null`: callbacks.MeaningReturning, `,"flowType":"SIDEWAYS"`: callbacks.MeaningReturning,
			`,"flowType":"INLET"`: callbacks.MeaningInserted, `,"flowType":"OUTLET"`: callbacks.MeaningNotCollected,
		} {
			got := decoded(t, body(`"status":"RETURNING"`+flow)).Meaning()
			check(t, got == want, flow+": "+string(got))
		}
	}},
	{23, "STOCKED_LOCKED and blocked STOCKED", func(t *testing.T) {
		for _, form := range []string{`"blocked":true`, `"status":"STOCKED_LOCKED"`, `"status":"STOCKED_LOCKED","blocked":true`} {
			c := decoded(t, body(form))
			check(t, c.Meaning() == callbacks.MeaningBlocked && c.EffectiveStatus() == callbacks.StatusStockedLocked, form)
		}
	}},
	{24, "POST or PATCH, content types, byte-order mark, empty probe", func(t *testing.T) {
		h := mustHandler(t, newMemorySink())
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			for _, contentType := range []string{"", "application/json", "application/json; charset=utf-8", "text/json", "APPLICATION/JSON;", "application/vnd.x+json"} {
				check(t, send(h, method, contentType, body("")).Code == http.StatusOK, method+" "+contentType)
			}
		}
		check(t, decoded(t, "\xef\xbb\xbf"+body("")).ReservationID == "r1", "byte-order mark")
		check(t, post(h, "").Code == http.StatusBadRequest, "empty body")
		check(t, post(h, "\xef\xbb\xbf \n").Code == http.StatusBadRequest, "empty body with a byte-order mark")
	}},
	{25, "which codes count as success", func(t *testing.T) {
		sink := newMemorySink()
		h := mustHandler(t, sink)
		for _, which := range []string{"new", "known"} {
			check(t, post(h, body("")).Code == http.StatusOK, which+" is not exactly 200")
		}
		check(t, send(h, http.MethodPost, "application/json", body(""), "Authorization", "Bearer wrong").Code == http.StatusUnauthorized, "wrong secret")
		sink.fail(errTest)
		check(t, post(h, body(`"docNumber":"1"`)).Code == http.StatusServiceUnavailable, "store down")
	}},
	{26, "how long is long", func(t *testing.T) {
		check(t, slowStoreAnswersIn(t) <= 2*time.Second, "a slow store keeps the sender waiting")
	}},
	{27, "a body that cannot be read", func(t *testing.T) {
		sink := newMemorySink()
		check(t, post(mustHandler(t, sink), "no JSON").Code == http.StatusOK, "blocks the sender's queue")
		check(t, len(sink.stored()) == 1 && sink.stored()[0].Quarantined() && string(sink.stored()[0].Raw) == "no JSON", "not kept whole")
		check(t, post(mustHandler(t, callbacks.Direct(ignore)), "no JSON").Code == http.StatusBadRequest, "acknowledged with no place to keep it")
	}},
	{28, "body size", func(t *testing.T) {
		h := mustHandler(t, newMemorySink())
		fits := body(`"x":"` + strings.Repeat("x", 64<<10-len(body(`"x":""`))) + `"`)
		check(t, len(fits) == 64<<10 && post(h, fits).Code == http.StatusOK, "64 KiB refused")
		check(t, post(h, fits+" ").Code == http.StatusRequestEntityTooLarge, "a byte more taken")
	}},
	{29, "trailing comma, comments, two values", func(t *testing.T) {
		c := decoded(t, strings.TrimSuffix(body(""), "}")+" ,\n } ")
		check(t, c.Repaired && callbacks.Reservations().Repaired(c), "repaired without a flag")
		check(t, !decoded(t, body("")).Repaired, "flagged without a repair")
		for _, text := range []string{
			body("") + body(""), body("") + ",", "// x\n" + body(""), strings.TrimSuffix(body(""), "}") + "/* x */}",
			strings.TrimSuffix(body(""), "}") + ",,}", body(`"barcodes":["a",]`), body(`"x":{"y":1,}`), "," + body(""),
		} {
			notDecoded(t, text)
		}
	}},
	{30, "numbers and booleans as strings and the other way round", func(t *testing.T) {
		for _, members := range []string{
			`"blocked":"true"`, `"blocked":1`, `"docNumber":12`, `"reservationId":12`, `"status":3`, `"changeTime":1671541232`,
			`"barcodes":"7032102989999912"`, `"barcodes":[7032102989999912]`, `"barcodes":[null]`, `"flowType":false`, `"errorState":{}`,
		} {
			notDecoded(t, body(members))
		}
	}},
	{31, "a batch", func(t *testing.T) {
		_, err := callbacks.Decode([]byte("[" + body("") + "]"))
		check(t, err != nil && strings.Contains(err.Error(), "array"), "the error does not say that it is an array")
	}},
	{32, "clock skew", func(t *testing.T) {
		c := decoded(t, changedAt(`"2099-12-30T13:00:32Z"`))
		check(t, c.ChangeTime.Year() == 2099, c.ChangeTime.String())
	}},
}

func TestReservations_EveryOpenQuestionIsTolerated(t *testing.T) {
	t.Parallel()
	if len(tolerances) != 32 {
		t.Fatalf("%d rows, 32 wanted", len(tolerances))
	}
	for i, row := range tolerances {
		if row.number != i+1 {
			t.Fatalf("row %d has number %d", i+1, row.number)
		}
		t.Run(row.question, func(t *testing.T) {
			t.Parallel()
			row.check(t)
		})
	}
}

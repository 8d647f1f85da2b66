package callbacks_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/callbacks"
)

// FuzzDecode holds Decode to json.Valid: what it takes is JSON, or was flagged as mended
// and is JSON without the last comma. What it takes survives being written and read again.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s.printed))
		f.Add([]byte(s.valid))
	}
	for _, members := range []string{
		`"errorState":"null"`, `"blocked":true`, `"barcodes":["a","\"]"]`, `"reservationId":"\ud800"`, `"x":{"y":[1,]}`,
		`"changeTime":"0001-01-01T00:00:00"`, `"changeTime":"2022-12-30 13:00:32 +0100"`, `"expirationDate":""`,
	} {
		f.Add([]byte(body(members)))
	}
	f.Add([]byte("\xef\xbb\xbf" + basicSample))
	f.Add([]byte(`{"customerInput":"doc2","boxId":20,"identificationSource":1,"cultureInfo":"cs"}`))
	feed := callbacks.Reservations()
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		c, err := callbacks.Decode(raw)
		if !bytes.Equal(raw, before) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if !reflect.DeepEqual(c, change{}) {
				t.Fatalf("a value besides the error: %+v", c)
			}
			return
		}
		text := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		if !utf8.Valid(text) || json.Valid(text) == c.Repaired {
			t.Fatalf("taken with repaired %v", c.Repaired)
		}
		if c.Repaired && !json.Valid(withoutLastComma(text)) {
			t.Fatal("more than the last comma was mended")
		}
		if c.ReservationID == "" || c.Status == "" || c.ChangeTime.IsZero() {
			t.Fatalf("a required member is empty: %+v", c)
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := callbacks.Decode(written)
		if err != nil || feed.Key(again) != feed.Key(c) {
			t.Fatalf("%v: %s is not the change that was read", err, written)
		}
	})
}

func withoutLastComma(text []byte) []byte {
	i := bytes.LastIndexByte(text, ',')
	if i < 0 {
		return text
	}
	return append(bytes.Clone(text[:i]), text[i+1:]...)
}

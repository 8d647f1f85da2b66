package alzabox

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go"
)

// The lengths that the vendor's OpenAPI document gives, in characters, and the number of
// ids of one filter.
const (
	maxID       = 100
	maxIDs      = 100
	maxBarcode  = 200
	maxPIN      = 10
	maxCode     = 30 // of a product; a courier's login, PIN and role
	maxLinkPart = 35
	maxCurrency = 3
	maxSymbol   = 10
)

// faults are what is wrong with the arguments of a call.
type faults []lockerline.FieldError

// add names an argument, never its value, when it is wrong.
func (f *faults) add(wrong bool, field, message string) {
	if wrong {
		*f = append(*f, lockerline.FieldError{Field: field, Message: message})
	}
}

// text checks the length of a text, which may be empty.
func (f *faults) text(field, value string, limit int) {
	f.add(!utf8.ValidString(value), field, "must be UTF-8")
	f.add(utf8.RuneCountInString(value) > limit, field, fmt.Sprintf("must not be longer than %d characters", limit))
}

// id checks a text that must not be blank.
func (f *faults) id(field, value string, limit int) {
	f.add(strings.TrimSpace(value) == "", field, "must not be empty")
	f.text(field, value, limit)
}

// box checks that a box is named in exactly one way: what AlzaBox makes of both is not
// documented.
func (f *faults) box(field string, b BoxRef) {
	f.add((b.ID == 0) == (b.PID == ""), field, "must have exactly one of ID and PID")
	f.text(field+".PID", b.PID, maxID)
}

// times checks that a time slot ends after it begins.
func (f *faults) times(field string, t Times) {
	start, bounded := t.Start.Get()
	end, ends := t.Expiration.Get()
	f.add(bounded && ends && !end.After(start), field+"Expiration", "must be after Start")
}

func (f *faults) dimensions(field string, d Dimensions) {
	f.add(!(d.Depth > 0 && d.Height > 0 && d.Width > 0), field, "must have a positive Depth, Height and Width")
}

func (f *faults) payment(p *Payment) {
	if p != nil {
		f.add(!(p.Price >= 0), "Payment.Price", "must not be negative")
		f.text("Payment.Currency", p.Currency, maxCurrency)
		f.text("Payment.VariableSymbol", p.VariableSymbol, maxSymbol)
	}
}

func (f *faults) page(p ListOptions) {
	f.add(p.Limit < 0 || p.Limit > maxPage, "Limit", fmt.Sprintf("must be 1 to %d, or 0 for %d", maxPage, maxPage))
	f.add(p.Offset < 0, "Offset", "must not be negative")
}

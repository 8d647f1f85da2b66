package foxtrot

import (
	"errors"
	"slices"
	"strconv"

	"github.com/lockerline/lockerline-go"
)

// Code is Foxtrot's own number for a failure, from data.code of an answer. It is an open
// set: an unknown code is kept as it came. It is not the HTTP status, although 400 is
// both. 0 means that the answer had none, as some have not (vendor page).
type Code int

// The codes that the vendor's pages name.
const (
	CodeBadParameters             Code = 400
	CodeInternal                  Code = 1000
	CodeUserNotConfigured         Code = 1001
	CodeDCNotConfigured           Code = 1002
	CodeDriverExists              Code = 2000
	CodeDriverNotFound            Code = 2001
	CodeRouteInvalid              Code = 3000 // see lockerline.Error.Fields
	CodeTimeWindowsTooRestrictive Code = 3001
	CodeStopAtWarehouse           Code = 3002
	CodeRouteNotFound             Code = 3003
	CodeRouteAnalyzed             Code = 3004
	CodeDuplicateRoute            Code = 3005
	CodeDuplicateWaypoint         Code = 3006
	CodeDuplicateDelivery         Code = 3007
	CodeDuplicateInvoice          Code = 3008
	CodeDuplicateInvoiceItem      Code = 3009
	CodeRouteActive               Code = 3010
	CodeRouteFinished             Code = 3012
	CodeDuplicateAccountingRecord Code = 5001
	CodeTransactionNotFound       Code = 6000
	CodeLocationNotConfident      Code = 7001
)

// Codes returns every documented code, in ascending order.
func Codes() []Code {
	out := make([]Code, len(codes))
	for i, info := range codes {
		out[i] = info.code
	}
	return out
}

// Known reports whether the vendor's pages name the code.
func (c Code) Known() bool {
	_, ok := c.info()
	return ok
}

// Meaning returns what a documented code stands for; nothing for other codes.
func (c Code) Meaning() string {
	info, _ := c.info()
	return info.meaning
}

// String returns the code in decimal.
func (c Code) String() string { return strconv.Itoa(int(c)) }

// Kinds returns the Err… values that an error with this code and HTTP status matches. A
// documented code is more precise than 400 or 404: 400 with 3003 is not found and not
// invalid, 404 with 7001 is not confident and not "not found". It reports false for an
// unknown code.
func (c Code) Kinds(status int) ([]error, bool) {
	info, known := c.info()
	if !known {
		return nil, false
	}
	kinds := slices.Clone(info.kinds)
	for _, k := range []error{lockerline.ErrUnauthorized, lockerline.ErrForbidden, lockerline.ErrRateLimited, lockerline.ErrServer} {
		if errors.Is(&lockerline.Error{StatusCode: status}, k) && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds, true
}

func (c Code) info() (codeInfo, bool) {
	i, ok := slices.BinarySearchFunc(codes, c, func(info codeInfo, c Code) int { return int(info.code) - int(c) })
	if !ok {
		return codeInfo{}, false
	}
	return codes[i], true
}

type codeInfo struct {
	code    Code
	meaning string  // one line, our words
	kinds   []error // the Err… values that an error with the code matches
}

// codes has every documented code, in ascending order.
var codes = []codeInfo{
	{CodeBadParameters, "bad parameters", []error{lockerline.ErrInvalid}},
	{CodeInternal, "a fault at Foxtrot: contact its support", []error{lockerline.ErrServer}},
	{CodeUserNotConfigured, "the user is not fully configured at Foxtrot", []error{ErrNotConfigured}},
	{CodeDCNotConfigured, "the DC is not fully configured at Foxtrot", []error{ErrNotConfigured}},
	{CodeDriverExists, "the driver exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeDriverNotFound, "the driver does not exist", []error{lockerline.ErrNotFound}},
	{CodeRouteInvalid, "the route has problems", []error{lockerline.ErrInvalid}},
	{CodeTimeWindowsTooRestrictive, "the time windows are too restrictive", []error{lockerline.ErrInvalid}},
	{CodeStopAtWarehouse, "a stop cannot be at a warehouse", []error{lockerline.ErrInvalid}},
	{CodeRouteNotFound, "the route does not exist", []error{lockerline.ErrNotFound}},
	{CodeRouteAnalyzed, "an analysed route cannot be deleted", []error{lockerline.ErrConflict}},
	{CodeDuplicateRoute, "the route exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeDuplicateWaypoint, "the waypoint exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeDuplicateDelivery, "the delivery exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeDuplicateInvoice, "the invoice exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeDuplicateInvoiceItem, "the invoice item exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeRouteActive, "an active route cannot be deleted", []error{lockerline.ErrConflict}},
	{CodeRouteFinished, "the route is finished already", []error{lockerline.ErrConflict}},
	{CodeDuplicateAccountingRecord, "the accounting record exists already", []error{ErrDuplicate, lockerline.ErrConflict}},
	{CodeTransactionNotFound, "there is no such transaction", []error{lockerline.ErrNotFound}},
	{CodeLocationNotConfident, "Foxtrot is not confident of the customer's location", []error{ErrLocationNotConfident}},
}

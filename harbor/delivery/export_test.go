package delivery

// Record is what a row holds, for tests that look into a store or spoil what is in it.
type Record = record

// Intent is a request that may be on its way.
type Intent = intent

// OpReserve is the operation of an intent to reserve.
const OpReserve = opReserve

// ReadRow returns what a row holds.
func ReadRow(r Row) (*Record, error) { return readRow(r) }

// NewRow returns the first row of a delivery.
func NewRow(d Delivery) Row {
	r, err := (&record{Delivery: d, version: 1}).row()
	if err != nil {
		panic(err)
	}
	return r
}

package callbacks_test

// samples are the vendor page's own examples: as printed there, two of them with a comma
// before the last brace, and as JSON.
var samples = []struct{ name, printed, valid string }{
	{"basic", basicSample, basicSample},
	{"back-flow", backFlowPrinted, backFlowSample},
	{"prereservation", prereservationPrinted, prereservationSample},
}

const basicSample = `{
"reservationId": "91fcb674-bfbc-4f88-9bef-9651874e8126",
"status": "PICKED_UP",
"changeTime": "2021-10-20T08:31:58.113Z"
}`

const backFlowMembers = `{
"reservationId": "hMg8VDP8oldBNVgAOBvH",
"status": "RETURNING",
"changeTime": "2022-12-30T13:00:32.42Z",
"flowType": "INLET",
"barcodes": ["7032102989999912"],
"docNumber": "hMg8VDP8oldBNVgAOBvH",
"blocked": false,
"errorState": null`

const prereservationMembers = backFlowMembers + `,
"startReservationDate": "2022-12-31T13:00:32.42Z",
"expirationDate": "2022-12-31T19:00:32.42Z"`

const (
	backFlowPrinted       = backFlowMembers + ",\n}"
	backFlowSample        = backFlowMembers + "\n}"
	prereservationPrinted = prereservationMembers + ",\n}"
	prereservationSample  = prereservationMembers + "\n}"
)

package harbortest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestServer_InvalidBodyIsExplainedFieldByField(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range []struct{ path, body, want string }{
		{lockerPath(free, "reservations"), ``, `{"detail":[{"loc":["body"],"msg":"field required","type":"value_error.missing"}]}`},
		{lockerPath(free, "reservations"), `{}`, `{"detail":[{"loc":["body","duration"],"msg":"field required","type":"value_error.missing"}]}`},
		{lockerPath(free, "reservations"), `[]`, `{"detail":[{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}]}`},
		{lockerPath(free, "reservations"), `null`, `{"detail":[{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}]}`},
		{lockerPath(free, "reservations"), `{"duration":0}`, `{"detail":[{"loc":["body","duration"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt"}]}`},
		{lockerPath(free, "reservations"), `{"duration":"soon"}`, `{"detail":[{"loc":["body","duration"],"msg":"value is not a valid integer","type":"type_error.integer"}]}`},
		{lockerPath(free, "reservations"), `nonsense`, `{"detail":[{"loc":["body",0],"msg":"Expecting value: line 1 column 1 (char 0)","type":"value_error.jsondecode"}]}`},
		{
			lockerPath("x", "dropoff-locker-tokens"), `{"duration":1.5,"client_info":7}`,
			`{"detail":[{"loc":["body","duration"],"msg":"value is not a valid integer","type":"type_error.integer"},
				{"loc":["body","client_info"],"msg":"str type expected","type":"type_error.str"},
				{"loc":["path","locker_id"],"msg":"value is not a valid integer","type":"type_error.integer"}]}`,
		},
		{
			dropoffLink, `{"locationId":329,"lockerTypeId":1,"requireLowLocker":"maybe","payload":[],"persistKeypadCode":3}`,
			`{"detail":[{"loc":["body","requireLowLocker"],"msg":"value could not be parsed to a boolean","type":"type_error.bool"},
				{"loc":["body","payload"],"msg":"value is not a valid dict","type":"type_error.dict"},
				{"loc":["body","persistKeypadCode"],"msg":"value could not be parsed to a boolean","type":"type_error.bool"}]}`,
		},
		{"/api/v1/login/authorize", `{"userId":null}`, `{"detail":[{"loc":["body","userId"],"msg":"field required","type":"value_error.missing"}]}`},
	} {
		a := p.post(c.path, c.body)
		assert.Equal(t, http.StatusUnprocessableEntity, a.code, c.body)
		assert.JSONEq(t, c.want, a.body, c.body)
	}
	assert.Equal(t, 200, p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":"300","unknown":1}`).code,
		"a number as text and a field nobody knows pass, as they do there")
	p.bearer = ""
	assert.Equal(t, 401, p.post(lockerPath(free, "reservations"), `{}`).code, "who asks comes before what is asked")
}

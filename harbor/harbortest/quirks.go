package harbortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
)

// Quirks choose between the answers that Harbor's documentation allows, so that a client
// can be tested with all of them. The zero value is the likeliest Harbor.
type Quirks struct {
	// AreaShape is the shape of a location within locations/in-area.
	AreaShape AreaShape
	// ItemsEnvelope answers lists as {"items":[…]} instead of bare arrays.
	ItemsEnvelope bool
	// Casing is the spelling of JSON keys in answers.
	Casing Casing
	// StatusNames replaces the names of statuses in answers and web hooks, for example
	// LockerStatusReleased by "declined". Harbor's newer pages do so.
	StatusNames map[harbor.LockerStatus]string
	// ZonelessTimes leaves the time zone out of times in answers.
	ZonelessTimes bool
	// UpperCaseTowerIDs spells tower ids in answers as phones do.
	UpperCaseTowerIDs bool
	// LowerCaseTowersOnly knows towers in requests by their lower-case id alone.
	LowerCaseTowersOnly bool
	// CreateStatus is the status of a successful POST or DELETE: 200 (also when zero),
	// 201 or 204. With 204, reserving, cancelling and releasing answer no body; tokens and
	// links need one and answer 201.
	CreateStatus int
	// RefusalStatus is the status of every refusal because of the status or the owner of a
	// locker. Zero means 409 for the status and 403 for the owner.
	RefusalStatus int
	// NoAccessMode leaves accessMode out of lockers, as an older Harbor did.
	NoAccessMode bool
	// ReleasedIsUnassigned takes released lockers off users/me/assigned-lockers at once,
	// not with the next sync of the tower.
	ReleasedIsUnassigned bool
	// RentalEndsAtSync keeps a rental whose token expired unused until a phone connects
	// to the tower.
	RentalEndsAtSync bool
	// RadiusMetres is what one unit of the radius of locations/closest means. The unit
	// is not documented; zero means one degree of latitude, 111,195 m.
	RadiusMetres float64
}

// AreaShape is where the availability stands in an answer of locations/in-area.
type AreaShape int

// The shapes of locations/in-area.
const (
	// AreaNested is a location with a key "availability".
	AreaNested AreaShape = iota
	// AreaFlat is a location with the keys of an availability beside its own.
	AreaFlat
	// AreaSplit is {"location":…,"availability":…}.
	AreaSplit
)

// Casing is the spelling of JSON keys in answers.
type Casing int

// The spellings of JSON keys.
const (
	// CasingAsDocumented is camelCase for models and links, snake_case for tokens.
	CasingAsDocumented Casing = iota
	// CasingSnake is snake_case everywhere.
	CasingSnake
	// CasingCamel is camelCase everywhere, but for the token endpoint.
	CasingCamel
)

func (q Quirks) validate() (faults []error) {
	if q.AreaShape < AreaNested || q.AreaShape > AreaSplit {
		faults = append(faults, errors.New("unknown area shape"))
	}
	if q.Casing < CasingAsDocumented || q.Casing > CasingCamel {
		faults = append(faults, errors.New("unknown casing"))
	}
	switch q.CreateStatus {
	case 0, http.StatusOK, http.StatusCreated, http.StatusNoContent:
	default:
		faults = append(faults, errors.New("a create answers 200, 201 or 204"))
	}
	if q.RefusalStatus != 0 && (q.RefusalStatus < 400 || q.RefusalStatus > 499) {
		faults = append(faults, errors.New("a refusal answers a status of 400 to 499"))
	}
	if q.RadiusMetres < 0 {
		faults = append(faults, errors.New("a radius is not negative"))
	}
	return faults
}

// recase respells the keys of a JSON text, except within a link's payload, which is the
// caller's own.
func recase(body []byte, casing Casing) []byte {
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		panic("harbortest: an answer is not JSON: " + err.Error()) // of our own types
	}
	out, err := json.Marshal(recaseValue(v, casing))
	if err != nil {
		panic("harbortest: an answer is not JSON: " + err.Error()) // of our own types
	}
	return out
}

func recaseValue(v any, casing Casing) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = recaseValue(v[i], casing)
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			if key != "payload" {
				value = recaseValue(value, casing)
			}
			out[respell(key, casing)] = value
		}
		return out
	}
	return v
}

func respell(key string, casing Casing) string {
	if casing == CasingSnake {
		var b strings.Builder
		for _, c := range key {
			if c >= 'A' && c <= 'Z' {
				b.WriteByte('_')
				c += 'a' - 'A'
			}
			b.WriteRune(c)
		}
		return b.String()
	}
	parts := strings.Split(key, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

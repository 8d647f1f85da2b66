package harbortest

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// The requests of the mobile SDK, for itself and for a tower.

type sessionJSON struct {
	Payload     string `json:"payload"`
	PayloadAuth string `json:"payload_auth"`
	Seed        string `json:"session_seed"`
	TowerID     string `json:"tower_id"`
}

func (s *Server) sessionToken(c *call) reply {
	c.body(c.Body)
	seconds := c.positive("duration")
	c.text("version", false)
	if raw, there := c.field("claims", false); there {
		var claims []string
		if json.Unmarshal(raw, &claims) != nil {
			c.fault("value is not a valid list", "type_error.list", "body", "claims")
		}
	}
	t, no := s.tower(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	}
	p := pass{Kind: kindSession, ID: s.id(), Expires: s.after(seconds).UnixMilli()}
	payload, auth := sealHex(t.key, p.encode())
	return plain(sessionJSON{
		Payload: payload, PayloadAuth: auth, Seed: hex.EncodeToString(randomKey()[:sealLen]), TowerID: string(t.id),
	})
}

func (*Server) towerConfiguration(_ *call, t *tower) reply {
	return plain(map[string]any{"towerId": t.id, "commands": []string{}})
}

type commandsJSON struct {
	TowerID     string `json:"towerId"`
	Count       int    `json:"syncCommandCount"`
	Start       uint32 `json:"syncCommandStart"`
	Payload     string `json:"payload"`
	PayloadAuth string `json:"payloadAuth"`
}

// towerCommands answers the commands of a tower, until an event says that they were carried
// out.
func (*Server) towerCommands(_ *call, t *tower) reply {
	out := []commandsJSON{}
	if len(t.commands) > 0 {
		payload, auth := sealHex(t.key, encodeAll(kindCommands, t.commands))
		out = append(out, commandsJSON{string(t.id), len(t.commands), t.commands[0].Seq, payload, auth})
	}
	return plain(out)
}

type eventsJSON struct {
	Start       uint32 `json:"syncEventStart"`
	Count       int    `json:"syncEventCount"`
	Payload     string `json:"payload"`
	PayloadAuth string `json:"payloadAuth"`
}

// towerEvents takes the events of a tower. A repeat does no harm.
func (s *Server) towerEvents(c *call, t *tower) reply {
	var packets []eventsJSON
	if json.Unmarshal(c.Body, &packets) != nil {
		return invalid([]problem{{Loc: []any{"body"}, Msg: "value is not a valid list", Type: "type_error.list"}})
	}
	for _, p := range packets {
		raw, err := unsealHex(t.key, p.Payload, p.PayloadAuth)
		if err != nil {
			return refuse(http.StatusBadRequest, "Events could not be verified")
		}
		events, err := decodeAll[deviceEvent](kindEvents, raw)
		if err != nil || len(events) != p.Count {
			return refuse(http.StatusBadRequest, "Events could not be read")
		}
		s.applyEvents(t, events)
	}
	return plain(map[string]string{"msg": "Events processed"})
}

type towerJSON struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Description  *string           `json:"description"`
	SystemID     int               `json:"systemId"`
	ModelID      int               `json:"towerModelId"`
	LocationID   harbor.LocationID `json:"locationId"`
	PinCode      string            `json:"pinCode"`
	AccessModeID int               `json:"accessModeId"`
	ForTest      bool              `json:"isForTest"`
}

func (s *Server) resetTowerEvents(c *call) reply {
	c.body(c.Body)
	c.text("reason", true)
	t, no := s.tower(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	}
	t.reset()
	return plain(towerJSON{
		ID: string(t.id), Name: t.Name, SystemID: 1, ModelID: 1, LocationID: t.site.ID, AccessModeID: 1, ForTest: true,
	})
}

// bluetoothServices lists the Bluetooth services that a phone looks for.
func (s *Server) bluetoothServices(*call) reply {
	return plain([]map[string]string{
		{"name": "simulated tower", "uuid": "00000000-0000-4000-8000-000000000001"},
	})
}

// sessionLife is how long the mobile SDK asks a session to last.
const sessionLife = 600 * time.Second

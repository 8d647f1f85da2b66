package harbor

import (
	"context"
	"encoding/json"
	"time"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// SessionsService gets tokens for users of the mobile SDK.
type SessionsService struct{ c *Client }

// AuthorizeUser returns a token for the mobile SDK in the name of one of your users; the
// id is any label of your own (observed in Harbor's examples, which use it instead of a
// token of ScopeTowerAccess). Expiry is zero when the answer does not tell. Printing the
// value prints the token.
//
// Nothing is taken by it: the client repeats it where that can help.
func (s *SessionsService) AuthorizeUser(ctx context.Context, userID string, opts ...lockerline.CallOption) (*oauth2.Token, error) {
	if userID == "" {
		return nil, check(opSessionsAuthorizeUser, []lockerline.FieldError{{Field: "userID", Message: "must not be empty"}})
	}
	body, err := json.Marshal(map[string]string{"userId": userID})
	if err != nil {
		return nil, err
	}
	asked := time.Now()
	var out userToken
	if _, err := s.c.call(ctx, opSessionsAuthorizeUser, transport.Call{Body: body, Out: &out}, opts); err != nil {
		return nil, err
	}
	t := &oauth2.Token{AccessToken: out.AccessToken, TokenType: "Bearer"}
	if out.ExpiresIn.Set && out.ExpiresIn.Value > 0 {
		t.ExpiresIn = out.ExpiresIn.Value
		t.Expiry = asked.Add(time.Duration(min(t.ExpiresIn, 1<<31)) * time.Second)
	}
	return t, nil
}

type userToken struct {
	AccessToken string
	ExpiresIn   wire.Int
}

func (u *userToken) UnmarshalJSON(b []byte) error {
	var w struct {
		Access    string   `json:"access_token"`
		Access2   string   `json:"accessToken"`
		ExpiresIn wire.Int `json:"expires_in"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	if w.Access == "" {
		w.Access = w.Access2
	}
	if w.Access == "" {
		return &wire.ShapeError{Reason: "an authorization has no access token"}
	}
	*u = userToken{w.Access, w.ExpiresIn}
	return nil
}

// TestToken asks Harbor whether the client's own token is good (vendor page). The answer
// is returned as it came, since its shape is not documented; nil when it was empty. Safe
// to repeat.
func (s *SessionsService) TestToken(ctx context.Context, opts ...lockerline.CallOption) (json.RawMessage, error) {
	var out rawAnswer
	if _, err := s.c.call(ctx, opSessionsTestToken, transport.Call{Out: &out, AllowEmpty: true}, opts); err != nil {
		return nil, err
	}
	return json.RawMessage(out), nil
}

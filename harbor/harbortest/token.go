package harbortest

import (
	"crypto/rand"
	"crypto/subtle"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// accessToken is the meaning of a bearer token.
type accessToken struct {
	client  string
	user    string // of login/authorize, empty otherwise
	scopes  []harbor.Scope
	expires time.Time
}

func (t *accessToken) may(scope harbor.Scope) bool { return slices.Contains(t.scopes, scope) }

// tokenBody is the answer of the token endpoint. Client credentials get no refresh token:
// the field is null.
type tokenBody struct {
	AccessToken      string  `json:"access_token"`
	ExpiresIn        int     `json:"expires_in"`
	RefreshExpiresIn int     `json:"refresh_expires_in"`
	RefreshToken     *string `json:"refresh_token"`
	TokenType        string  `json:"token_type"`
	NotBeforePolicy  int     `json:"not-before-policy"`
	Scope            string  `json:"scope"`
}

// issueToken is the token endpoint. It takes credentials in the form or by HTTP Basic.
func (s *Server) issueToken(c *call) reply {
	contentType, _, _ := strings.Cut(c.Request.Header.Get("Content-Type"), ";")
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || !strings.EqualFold(strings.TrimSpace(contentType), "application/x-www-form-urlencoded") {
		return oauthError(http.StatusBadRequest, "invalid_request", "Missing form parameter: grant_type")
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, basic := c.Request.BasicAuth(); basic {
		// RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
		id, err = url.QueryUnescape(user)
		if err == nil {
			secret, err = url.QueryUnescape(password)
		}
	}
	known, there := s.CredentialsOf(id)
	same := subtle.ConstantTimeCompare([]byte(secret), []byte(known.ClientSecret)) == 1
	switch grant := form.Get("grant_type"); {
	case grant == "":
		return oauthError(http.StatusBadRequest, "invalid_request", "Missing form parameter: grant_type")
	case err != nil || !there || !same:
		return oauthError(http.StatusUnauthorized, "unauthorized_client", "Invalid client or Invalid client credentials")
	case grant == "refresh_token":
		return oauthError(http.StatusBadRequest, "invalid_grant", "Invalid refresh token")
	case grant != "client_credentials":
		return oauthError(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type")
	}
	scopes := scopesOf(form.Get("scope"))
	for _, scope := range scopes {
		if scope != forBackends && scope != forPhones {
			return oauthError(http.StatusBadRequest, "invalid_scope", "Invalid scopes: "+form.Get("scope"))
		}
	}
	out := plain(tokenBody{
		AccessToken: s.mint(id, "", scopes), ExpiresIn: int(s.cfg.tokenLife / time.Second),
		TokenType: "Bearer", Scope: strings.Join(strings.Fields(form.Get("scope")), " "),
	})
	out.header = http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	return out
}

func scopesOf(text string) []harbor.Scope {
	var scopes []harbor.Scope
	for name := range strings.FieldsSeq(text) {
		scopes = append(scopes, harbor.Scope(name))
	}
	return scopes
}

// mint makes a token and drops the expired ones.
func (s *Server) mint(client, user string, scopes []harbor.Scope) string {
	now := s.clock.Now()
	maps.DeleteFunc(s.access, func(_ string, t *accessToken) bool { return !now.Before(t.expires) })
	value := rand.Text() + rand.Text()
	s.access[value] = &accessToken{client: client, user: user, scopes: scopes, expires: now.Add(s.cfg.tokenLife)}
	return value
}

// AccessToken makes an access token without a request, for the provider of the client id,
// or the first when it is empty. It panics when there is no such provider.
func (s *Server) AccessToken(clientID string, scopes ...harbor.Scope) string {
	if clientID == "" {
		clientID = s.Credentials().ClientID
	}
	if _, there := s.CredentialsOf(clientID); !there {
		panic("harbortest: no provider " + clientID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mint(clientID, "", scopes)
}

// RevokeTokens revokes every access token: the next request with one is answered 401.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// authorizeUser makes a token for the phone of one end user.
func (s *Server) authorizeUser(c *call) reply {
	c.body(c.Body)
	user := c.text("userId", true)
	if c.problems != nil {
		return invalid(c.problems)
	}
	return plain(map[string]string{
		"access_token": s.mint(c.token.client, user, []harbor.Scope{forPhones}),
	})
}

// testToken names the owner of the bearer token. Harbor's own answer is not documented.
func (s *Server) testToken(c *call) reply {
	return ok(map[string]any{"clientId": c.token.client, "scopes": c.token.scopes})
}

package tokens

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClientCredentials_AsksAsTheDocumentsSay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := serve(t, says(200, "application/json", good))
		tok, err := e.Exchange(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "abc", tok.Access)
		assert.Equal(t, "Bearer", tok.Type)
		assert.Equal(t, "a b", tok.Scope)
		assert.Equal(t, 5*time.Minute, tok.Lifetime)
		require.Len(t, e.asked(), 1)
		f := e.asked()[0]
		assert.Equal(t, map[string][]string{
			"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {clientSecret}, "scope": {"a b"},
		}, map[string][]string(f.Values))
		assert.Equal(t, "lockerline-test", f.header.Get("User-Agent"))
		assert.Equal(t, "application/json", f.header.Get("Accept"))
		assert.Empty(t, f.header.Get("Authorization"))
	})
}

func TestClientCredentials_LifetimeIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	for expiresIn, want := range map[string]time.Duration{
		``:                                   unknownLifetime,
		`"expires_in":null,`:                 unknownLifetime,
		`"expires_in":0,`:                    unknownLifetime,
		`"expires_in":-300,`:                 unknownLifetime,
		`"expires_in":300,`:                  5 * time.Minute,
		`"expires_in":"300",`:                5 * time.Minute,
		`"expires_in":300.0,`:                5 * time.Minute,
		`"expires_in":"300.0",`:              5 * time.Minute,
		`"expires_in":299.7,`:                299 * time.Second,
		`"expires_in":3e2,`:                  5 * time.Minute,
		`"expires_in":1,`:                    time.Second,
		`"expires_in":2147483648,`:           longestTokenLife,
		`"expires_in":1e30,`:                 longestTokenLife,
		`"expires_in":99999999999999999999,`: longestTokenLife,
		`"expires_in":-1e30,`:                unknownLifetime,
		`"expires_in":"",`:                   unknownLifetime,
		`"expires_in":"soon",`:               unknownLifetime,
		`"expires_in":true,`:                 unknownLifetime,
		`"expires_in":[300],`:                unknownLifetime,
		`"expires_in":{"s":300},`:            unknownLifetime,
		`"expires_in":"NaN",`:                unknownLifetime,
		`"expires_in":"Inf",`:                unknownLifetime,
	} {
		t.Run(expiresIn, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := serve(t, says(200, "application/json", `{`+expiresIn+`"access_token":"abc","token_type":"bearer"}`))
				tok, err := e.Exchange(t.Context())
				require.NoError(t, err)
				assert.Equal(t, want, tok.Lifetime)
				assert.WithinDuration(t, time.Now().Add(want), tok.Expiry, 0)
				assert.Equal(t, "abc", tok.Access)
			})
		})
	}
}

func TestClientCredentials_LifeCountsFromTheQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := time.Now()
		e := serve(t, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(8 * time.Second)
			says(200, "application/json", good)(w, r)
		})
		tok, err := e.Exchange(t.Context())
		require.NoError(t, err)
		assert.Equal(t, asked.Add(5*time.Minute), tok.Expiry)
	})
}

func TestClientCredentials_JSONIsReadUnderAnyContentType(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"text/plain", "text/html", "application/x-www-form-urlencoded", "", "application/json; charset=utf-8", "nonsense;;"} {
		synctest.Test(t, func(t *testing.T) {
			e := serve(t, says(200, contentType, "\r\n "+good))
			tok, err := e.Exchange(t.Context())
			require.NoError(t, err, contentType)
			assert.Equal(t, "abc", tok.Access)
			assert.Equal(t, 5*time.Minute, tok.Lifetime)
		})
	}
}

func TestClientCredentials_TokenTypeIsNotGuessed(t *testing.T) {
	t.Parallel()
	for typ, ok := range map[string]bool{`"Bearer"`: true, `"bearer"`: true, `"BEARER"`: true, `""`: true, `null`: true, `"DPoP"`: false, `"mac"`: false, `"Basic"`: false} {
		synctest.Test(t, func(t *testing.T) {
			e := serve(t, says(200, "application/json", `{"access_token":"abc","token_type":`+typ+`}`))
			tok, err := e.Exchange(t.Context())
			if ok {
				require.NoError(t, err, typ)
				assert.Equal(t, "Bearer", tok.Type)
				return
			}
			require.ErrorContains(t, err, "not of type Bearer", typ)
			assert.True(t, permanent(err))
		})
	}
}

func TestClientCredentials_TokenThatDoesNotFitAHeaderIsRefused(t *testing.T) {
	t.Parallel()
	for _, access := range []string{`a\r\nX-Admin: 1`, `a\n`, `\u0000`, `a\u0001b`, `a\u007f`, `ab\u00e9`, `a\tb`} {
		synctest.Test(t, func(t *testing.T) {
			e := serve(t, says(200, "application/json", `{"access_token":"`+access+`","token_type":"Bearer"}`))
			_, err := e.Exchange(t.Context())
			require.ErrorContains(t, err, "cannot be put into a header", access)
			assert.True(t, permanent(err))
		})
	}
}

func TestClientCredentials_SecretIsNotSentAfterARedirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"http://evil.example/token", "/realms/x/token/", "", "http://[SECRET/%zz"} {
			synctest.Test(t, func(t *testing.T) {
				e := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", to)
					w.WriteHeader(status)
				})
				c := NewCache(e.Exchange)
				defer c.Close()
				_, err := c.Token(t.Context())
				require.Error(t, err)
				assert.Len(t, e.asked(), 1)
				assert.True(t, permanent(err))
				assert.NotContains(t, err.Error(), "SECRET")
				assert.ErrorContains(t, err, "redirect")
			})
		}
	}
}

func TestClientCredentials_SecretIsSentOnceToAnEndpointThatRefusesIt(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 415} {
		synctest.Test(t, func(t *testing.T) {
			e := serve(t, says(status, "application/json", `{"error":"unauthorized_client"}`))
			c := NewCache(e.Exchange)
			defer c.Close()
			for range 5 {
				_, err := c.Token(t.Context())
				require.Error(t, err)
			}
			assert.Len(t, e.asked(), 1)
		})
	}
}

func TestClientCredentials_PassingFailureOfTheEndpointIsSurvived(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 502, 503, 504, 0} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			e := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				switch {
				case n > 1:
					says(200, "application/json", good)(w, r)
				case status == 0:
					panic(http.ErrAbortHandler)
				default:
					says(status, "text/html", "<html>")(w, r)
				}
			})
			c := NewCache(e.Exchange)
			defer c.Close()
			assert.Equal(t, "abc", accessOf(t, c), "%d", status)
			assert.Len(t, e.asked(), 2)
		})
	}
}

func TestClientCredentials_TransportThatReturnsNothingIsAnError(t *testing.T) {
	t.Parallel()
	ex := NewExchange(Config{Grant: ClientCredentials, TokenURL: "http://localhost", ClientID: "a", ClientSecret: "b", Base: broken{}}, nil)
	c := NewCache(ex)
	defer c.Close()
	_, err := c.Token(t.Context())
	assert.Error(t, err, "in a goroutine of ours nobody could recover from a panic")
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, nil }

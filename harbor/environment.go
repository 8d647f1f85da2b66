package harbor

// Environment says where Harbor is. Use one of the variables, or your own value for a
// proxy or a simulator. Both addresses must be https, or http on a loopback address.
type Environment struct {
	// APIURL is the base of the API without /api/v1, such as
	// "https://api.sandbox.harborlockers.com".
	APIURL string
	// TokenURL is the whole address of the OAuth 2.0 token endpoint.
	TokenURL string
}

// The environments of Harbor. Credentials of one are refused by the others (observed).
var (
	// Production is the live service (vendor page).
	Production = Environment{
		APIURL:   "https://api.harborlockers.com",
		TokenURL: "https://accounts.harborlockers.com" + tokenPath,
	}
	// Sandbox is where an integration begins (vendor page).
	Sandbox = Environment{
		APIURL:   "https://api.sandbox.harborlockers.com",
		TokenURL: "https://accounts.sandbox.harborlockers.com" + tokenPath,
	}
	// Development is Harbor's own stage (observed in its examples).
	Development = Environment{
		APIURL:   "https://api.dev.harborlockers.com",
		TokenURL: "https://accounts.dev.harborlockers.com" + tokenPath,
	}
)

const tokenPath = "/realms/harbor/protocol/openid-connect/token"

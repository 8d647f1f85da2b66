package harbor

// Scope is what an access token may be used for.
type Scope string

// The scopes Harbor documents.
const (
	// ScopeServiceProvider is for the API this package speaks, backend only. Never
	// hand such a token to a phone.
	ScopeServiceProvider Scope = "service_provider"
	// ScopeTowerAccess is for the mobile SDK: the token a phone opens a session with
	// a tower by.
	ScopeTowerAccess Scope = "tower_access"
)

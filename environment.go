package lockerline

// Environment says where a service with OAuth 2.0 tokens is. Use one of the variables of the
// service's package, such as harbor.Sandbox, or your own value for a proxy or a simulator.
// Both addresses must be https, or http on a loopback address.
type Environment struct {
	// APIURL is the base of the API, without the part that every path of the service
	// begins with, such as "https://api.sandbox.harborlockers.com".
	APIURL string
	// TokenURL is the whole address of the token endpoint.
	TokenURL string
}

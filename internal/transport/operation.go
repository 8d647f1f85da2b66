package transport

// Operation is the static description of one endpoint. It is what hooks, logs and errors
// name a call by: never a URL, so that labels are few and identifiers stay private.
type Operation struct {
	Name       string // such as "lockers.reserve"
	Method     string // HTTP method
	Path       string // template below the base URL, such as "/api/v1/towers/{tower}/lockers"
	Scope      string // what the access token must be good for; empty when there is one credential
	Idempotent bool   // whether it may be sent again after it may have arrived
}

// Write reports whether the operation may change something at the server.
func (o *Operation) Write() bool { return o.Method != "GET" && o.Method != "HEAD" }

// Package transport is the request pipeline of every client in this module: one call
// becomes as many attempts as its operation allows, and ends in a decoded answer or in a
// *Failure that says what is known. Layers, outermost first:
//
//	Client.Do      path, query, body; builds the Failure; decodes
//	retry loop     go-retryablehttp, with every policy ours        (retry.go)
//	http.Client    no redirects
//	attempt        bounds one attempt, reads its answer            (attempt.go, body.go, explain.go)
//	slash          a redirect by a trailing slash, taken once      (redirect.go)
//	middleware     the user's, sees each attempt, no credential
//	auth           credential per attempt, own host, first 401     (auth.go)
//	evidence       did the request get a connection?               (evidence.go)
//	base           the user's transport, or ours                   (base.go)
package transport

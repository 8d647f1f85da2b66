package lockerline

import "time"

// CallOption changes one call. Every method that makes calls takes them as its last
// arguments.
type CallOption func(*CallConfig)

// CallConfig is what the options of one call say. Clients read it.
type CallConfig struct {
	Idempotent bool // a repeat does no harm
	NoRetry    bool // one request
	Meta       *CallMeta
}

// NewCallConfig applies the options of one call. It clears what Meta points to.
func NewCallConfig(opts []CallOption) CallConfig {
	if len(opts) == 0 {
		return CallConfig{} // without an allocation
	}
	c := new(CallConfig)
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	if c.Meta != nil {
		*c.Meta = CallMeta{}
	}
	return *c
}

// Add adds what is known about one call to Meta, if the caller asked for it.
func (c *CallConfig) Add(m CallMeta) {
	if c.Meta != nil {
		m.Attempts += c.Meta.Attempts
		m.Duration += c.Meta.Duration
		*c.Meta = m
	}
}

// CallMeta is what is known about a call apart from its result. A method that makes
// several calls adds up Attempts and Duration; the rest is of the latest call.
type CallMeta struct {
	Operation  string
	StatusCode int    // of the last answer; 0 when there was none
	RequestID  string // by which the service knows the last answer; empty when it named none
	Attempts   int
	Duration   time.Duration
}

// Idempotent says that a repeat of this call does no harm, so that it may be sent again
// after it may have arrived. Each method says whether that is so.
func Idempotent() CallOption { return func(c *CallConfig) { c.Idempotent = true } }

// NoRetry makes the call send one request, not even another one after a 401. net/http
// itself may still repeat a read whose reused connection turned out to be closed; a write
// it does not.
func NoRetry() CallOption { return func(c *CallConfig) { c.NoRetry = true } }

// Meta fills m when the call ends, also when it fails.
func Meta(m *CallMeta) CallOption { return func(c *CallConfig) { c.Meta = m } }

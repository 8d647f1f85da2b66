package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// kind is one way in which a sender can show who it is.
type kind struct {
	variable string
	help     string
	name     string // in logs and metrics
	accept   func(name, secret string) callbacks.Credential
	show     func(secret string) callbackstest.Option
	invent   func() string
}

var kinds = []kind{
	{
		"CALLBACK_BASIC", "user:password, in the Authorization header", "basic",
		func(name, s string) callbacks.Credential {
			user, password, _ := strings.Cut(s, ":")
			return callbacks.Basic(name, user, password)
		},
		func(s string) callbackstest.Option {
			user, password, _ := strings.Cut(s, ":")
			return callbackstest.WithBasic(user, password)
		},
		func() string { return "demo:" + rand.Text() },
	},
	{
		"CALLBACK_BEARER", "a token, in the Authorization header", "bearer",
		callbacks.Bearer, callbackstest.WithBearer, rand.Text,
	},
	{
		"CALLBACK_X_TOKEN", "a token, in the X-Token header", "x-token",
		callbacks.XToken, callbackstest.WithXToken, rand.Text,
	},
	{
		"CALLBACK_SUBSCRIPTION_KEY", "a key, in the Ocp-Apim-Subscription-Key header", "subscription-key",
		callbacks.SubscriptionKey, callbackstest.WithSubscriptionKey, rand.Text,
	},
}

func variables() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.variable
	}
	return names
}

// secret is a value for one kind. No verb of fmt prints it.
type secret struct {
	kind
	value func() string
}

func newSecret(k kind, value string) secret { return secret{k, func() string { return value }} }

type secrets []secret

// String names the kinds.
func (list secrets) String() string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.name
	}
	return strings.Join(names, ", ")
}

// secretsFromEnv reads the variables; an empty one is one that is not set.
func secretsFromEnv(getenv func(string) string) (list secrets, err error) {
	for _, k := range kinds {
		value := getenv(k.variable)
		if value == "" {
			continue
		}
		if k.name == "basic" && !strings.Contains(value, ":") {
			return nil, errors.New(k.variable + " is not user:password")
		}
		if _, err := callbacks.NewCredentialSet(k.accept(k.name, value)); err != nil {
			return nil, fmt.Errorf("%s: %w", k.variable, err)
		}
		list = append(list, newSecret(k, value))
	}
	return list, nil
}

// invented is a secret of each kind, for a receiver that no other program needs to reach.
func invented() (list secrets) {
	for _, k := range kinds {
		list = append(list, newSecret(k, k.invent()))
	}
	return list
}

// set is what a handler asks senders for. It can be replaced while the program runs,
// which is how a secret is changed without losing a callback.
func (list secrets) set() (*callbacks.CredentialSet, error) {
	credentials := make([]callbacks.Credential, len(list))
	for i, s := range list {
		credentials[i] = s.accept(s.name, s.value())
	}
	return callbacks.NewCredentialSet(credentials...)
}

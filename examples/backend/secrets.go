package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/lockerline/lockerline-go/callbacks"
)

// kind is one way in which a sender of callbacks can show who it is.
type kind struct {
	variable string
	help     string
	name     string // in logs
	accept   func(name, secret string) callbacks.Credential
}

var kinds = []kind{
	{"CALLBACK_BASIC", "user:password, in the Authorization header", "basic", basic},
	{"CALLBACK_BEARER", "a token, in the Authorization header", "bearer", callbacks.Bearer},
	{"CALLBACK_X_TOKEN", "a token, in the X-Token header", "x-token", callbacks.XToken},
	{"CALLBACK_SUBSCRIPTION_KEY", "a key, in the Ocp-Apim-Subscription-Key header", "subscription-key", callbacks.SubscriptionKey},
}

func basic(name, s string) callbacks.Credential {
	user, password, _ := strings.Cut(s, ":")
	return callbacks.Basic(name, user, password)
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

type secrets []secret

func (list secrets) names() []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.name
	}
	return names
}

// String names the kinds.
func (list secrets) String() string { return strings.Join(list.names(), ", ") }

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
		list = append(list, secret{k, func() string { return value }})
	}
	return list, nil
}

// simulatorSecret is by what the embedded Harbor and Foxtrot come in; no other program knows it.
func simulatorSecret() secret {
	value := "simulator:" + rand.Text()
	return secret{kind{name: "simulator", accept: basic}, func() string { return value }}
}

func (list secrets) set() (*callbacks.CredentialSet, error) {
	credentials := make([]callbacks.Credential, len(list))
	for i, s := range list {
		credentials[i] = s.accept(s.name, s.value())
	}
	return callbacks.NewCredentialSet(credentials...)
}

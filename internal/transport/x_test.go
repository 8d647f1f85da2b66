package transport

import (
	_ "github.com/google/go-querystring/query"
	_ "github.com/jarcoal/httpmock"
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/oauth2"
)

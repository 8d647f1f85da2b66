package foxtrot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestClientFromEnv_ReadsKeyAndAddress(t *testing.T) {
	srv := newServer(t)
	t.Setenv(foxtrot.EnvAPIKey, " "+srv.APIKey+"\n")
	t.Setenv(foxtrot.EnvAPIURL, srv.URL+"/")
	c, err := foxtrot.ClientFromEnv()
	require.NoError(t, err)
	_, err = c.DCs.List(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.Close())
	t.Setenv(foxtrot.EnvAPIKey, "")
	_, err = foxtrot.ClientFromEnv()
	require.ErrorContains(t, err, "API key is empty")
}

package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// summary reads the numbers at the end of a demonstration.
func summary(t *testing.T, text string) map[string]int {
	t.Helper()
	numbers := map[string]int{}
	for _, found := range regexp.MustCompile(`(?m)^([a-z]+) +(\d+)  `).FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(found[2])
		require.NoError(t, err)
		numbers[found[1]] = n
	}
	return numbers
}

func TestDemo_AddsUp(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			args := append(d.args(t), "-demo", "-n", "40")
			for range 2 { // the second finds what the first one left
				var stdout, stderr bytes.Buffer
				cmd := command(t, nil, args...)
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				require.NoError(t, cmd.Run(), "%s\n%s", &stderr, &stdout)
				n := summary(t, stdout.String())
				assert.Equal(t, n["sent"], n["acknowledged"])
				assert.Equal(t, n["sent"], n["stored"]+n["quarantined"], "every callback is a different one")
				assert.Equal(t, n["stored"], n["handled"])
				assert.Equal(t, len(unreadable), n["quarantined"])
				assert.Greater(t, n["sent"], 40)
				assert.Positive(t, n["duplicates"])
				assert.Regexp(t, `1 of which came with a comma`, stdout.String())
				assert.Equal(t, n["handled"], strings.Count("\n"+stdout.String(), "\n20"), "one line for each change")
				assert.Equal(t, n["late"], strings.Count(stdout.String(), "(late)"))
				assert.Regexp(t, listeningLine, stderr.String())
			}
		})
	}
}

func TestDemo_PrintsAnObjectForEachChange(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	cmd := command(t, []string{testBasic}, "-demo", "-json", "-n", "20")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), stderr.String())
	n := summary(t, stderr.String())
	assert.Equal(t, n["handled"], len(objects(t, stdout.String())))
	assert.NotContains(t, stdout.String()+stderr.String(), testPassword)
}

func TestDemo_WithoutDatabaseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	cmd := command(t, []string{"TMPDIR=" + temp}, "-demo", "-n", "1")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Empty(t, filesIn(t, temp))
	assert.Empty(t, filesIn(t, cmd.Dir))
}

// object is a line of -json with what every one must have.
type object struct {
	ReservationID *string `json:"reservationId"`
	Status        *string `json:"status"`
	ChangeTime    *string `json:"changeTime"`
	FlowType      any     `json:"flowType"`
	Late          *bool   `json:"late"`
	DuplicateOf   int64   `json:"duplicate_of"`
	Raw           *string `json:"raw"`
}

func (o object) identity() string { return *o.ReservationID + "|" + *o.Status + "|" + *o.ChangeTime }

func objects(t *testing.T, text string) (all []object) {
	t.Helper()
	for line := range strings.Lines(text) {
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		var o object
		require.NoError(t, decoder.Decode(&o), line)
		require.True(t, o.ReservationID != nil && o.Status != nil && o.ChangeTime != nil && o.Late != nil && o.Raw != nil, line)
		require.Contains(t, line, `"flowType":`)
		all = append(all, o)
	}
	return all
}

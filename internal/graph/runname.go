package graph

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
)

// The words of generated names. Short, common, and none that offends beside
// another.
var (
	adjectives = strings.Fields(`amber ancient autumn azure brave bright brisk calm clear clever copper coral
		cosmic crimson crisp daring dawn deep dusty eager earnest fancy fearless floral fresh frosty gentle
		golden graceful happy honest icy jolly keen light likely lively lucky lunar mellow misty noble olive
		peach polar proud quiet rapid rich robust royal ruby rural sandy silver smart snowy soft solar
		spring stellar still sunny super swift valiant vital vivid warm wild winter wise young`)
	nouns = strings.Fields(`anchor aurora bay beacon bird breeze brook butterfly canyon capybara cedar cliff
		cloud comet coral cove crane dawn delta dew dream dune eagle ember falcon fern field fire firefly
		flower fog forest fox frog galaxy glacier glade grass harbor hawk haze heron hill horizon island
		lagoon lake leaf lion lynx maple meadow mist moon morning mountain night oak ocean otter owl
		pebble pine planet plant pond puddle rain reef ridge river sea sky snow spruce star stream
		sun sunset swan thunder tide tree valley vortex water wave whale wildflower wind wood`)
)

// displayName makes a run's shown name, such as "misty-harbor-12". The number
// is the run's place in its project, counted from 1.
func displayName(ordinal int64) string {
	return fmt.Sprintf("%s-%s-%d", pick(adjectives), pick(nouns), ordinal+1)
}

// runID makes a run's id of the form that the SDK uses: 8 lower-case letters
// and digits.
func runID() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	var b [8]byte
	for i := range b {
		b[i] = letters[random(len(letters))]
	}
	return string(b[:])
}

func pick(words []string) string { return words[random(len(words))] }

func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0 // cannot happen: crypto/rand never fails
	}
	return int(i.Int64())
}

package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/system"
)

// grant is what the database's user needs.
const grant = "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON `DATABASE`.* TO 'USER'@'%';"

// Database tests what a server and its upgrades do to the database, and how
// long a round trip takes.
func Database(ctx context.Context, db *meta.DB) (r system.Result) {
	explain := func(err error) (string, *system.Fix) {
		return "The database refuses it: " + cause(err) + ".", &system.Fix{Where: "MySQL, as its administrator", Text: grant}
	}
	db.Probe(ctx, func(name string, do func() error) bool {
		return r.Run(name, func() (string, error) { return "", do() }, explain)
	})
	r.Run("Latency", func() (string, error) { return latency(func() error { return db.Ping(ctx) }) }, explain)
	return r
}

// latency makes round trips and says how long they took.
func latency(trip func() error) (string, error) {
	const trips = 20
	var took []time.Duration
	for range trips {
		begun := time.Now()
		if err := trip(); err != nil {
			return "", err
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return fmt.Sprintf("%.2f ms in the middle, %.2f ms at most of %d", took[trips/2].Seconds()*1e3, took[trips-1].Seconds()*1e3, trips), nil
}

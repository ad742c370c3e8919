package query

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	// storedFrom is how many runs a project has whose table is stored: a smaller
	// one is read in less time than anybody notices.
	storedFrom = 2000
	// storedLag is how many changed runs a question reads beside a stored table.
	storedLag = 1000
	// storedFor is how long a stored table is kept before its changes are stored.
	storedFor = 5 * time.Minute
	// partLag is how much older than its reading a part calls itself: for commits
	// that became visible late, and clocks that differ.
	partLag = 20 * time.Second
	// manyParts is how many parts take memory that is worth giving back.
	manyParts = 4
	// saveEvery is how often Run looks for tables to store, and for clocks that
	// were put back.
	saveEvery = 10 * time.Second
	// futurePart is how old a part is at least: one that is younger was stored
	// before the clock was put back. It is more than saveEvery, so that Run sees
	// this before a change is written that is older than the part.
	futurePart = 15 * time.Second
)

// Run stores run tables, when store is set, and drops those in memory that
// nobody asks, until ctx ends.
func (q *Query) Run(ctx context.Context, store bool) {
	for tick := time.NewTicker(saveEvery); ; {
		q.tables.trim(nil, q.opt.Now())
		if store {
			if err := q.SaveTables(ctx); err != nil && ctx.Err() == nil {
				q.opt.Log.Warn("storing run tables failed, questions read the runs meanwhile", "error", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}

// SaveTables stores the run tables of large projects that are not stored, or of
// which much has changed since, for the first question after a start.
func (q *Query) SaveTables(ctx context.Context) error {
	if err := q.dropFuture(ctx); err != nil {
		return err
	}
	var projects []int64
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		projects, err = tx.ProjectsOfRuns(storedFrom)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range projects {
		if err := q.saveTable(ctx, id); err != nil {
			return fmt.Errorf("run table of project %d: %w", id, err)
		}
	}
	return nil
}

// dropFuture forgets tables that were stored before the clock was put back:
// what changes now would count as older than they are.
func (q *Query) dropFuture(ctx context.Context) error {
	var wrong []int64
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		wrong, err = tx.RunPartsAfter(q.opt.Now().Add(-futurePart))
		return err
	})
	for _, id := range wrong {
		if err == nil {
			err = q.dropStored(ctx, id)
		}
	}
	return err
}

func (q *Query) dropStored(ctx context.Context, projectID int64) error {
	return q.db.Write(ctx, "forget a stored run table", func(tx *meta.Tx) error { return tx.DropRunParts(projectID) })
}

// savePlan says what is to be done for a project's stored table.
type savePlan struct {
	asOf   time.Time
	build  []int64 // parts to store anew
	same   []int64 // parts of which nothing changed
	behind int     // runs that a question would read beside
}

// saveTable stores what changed of one project's table, when that is much.
func (q *Query) saveTable(ctx context.Context, projectID int64) error {
	plan, err := q.planSave(ctx, projectID)
	if err != nil || plan.behind < storedLag {
		return err
	}
	for _, n := range plan.build {
		began := time.Now()
		if err := q.savePart(ctx, projectID, n); err != nil {
			return err
		}
		select { // half a core at most
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err = q.db.Write(ctx, "note what is unchanged in a stored run table", func(tx *meta.Tx) error {
		for _, n := range plan.same {
			if err := tx.FreshenRunPart(projectID, n, plan.asOf); err != nil {
				return err
			}
		}
		return nil
	})
	if len(plan.build) >= manyParts {
		debug.FreeOSMemory() // an idle server would keep what they took for minutes
	}
	return err
}

// planSave compares what is stored with what changed.
func (q *Query) planSave(ctx context.Context, projectID int64) (plan savePlan, err error) {
	plan.asOf = q.opt.Now().Add(-partLag)
	err = q.db.Read(ctx, func(tx *meta.Tx) error {
		p, err := tx.Project(projectID)
		if err != nil {
			return err
		}
		parts, err := tx.RunParts(projectID)
		if err != nil {
			return err
		}
		stored, oldest := map[int64]bool{}, plan.asOf
		for _, s := range parts {
			stored[s.Part] = true
			if s.AsOf.Before(oldest) {
				oldest = s.AsOf
			}
		}
		changed, err := tx.ChangedByPart(projectID, oldest)
		if err != nil {
			return err
		}
		due := plan.asOf.Sub(oldest) > storedFor
		for n := int64(0); ordinalOf(n) < p.RunCount; n++ {
			switch {
			case !stored[n]:
				plan.behind += int(min(p.RunCount-ordinalOf(n), meta.PartRuns))
				plan.build = append(plan.build, n)
			case changed[n] > 0:
				if due {
					plan.behind += changed[n]
				}
				plan.build = append(plan.build, n)
			default:
				plan.same = append(plan.same, n)
			}
		}
		return nil
	})
	return plan, err
}

// savePart reads the runs of a part and stores it.
func (q *Query) savePart(ctx context.Context, projectID, n int64) error {
	p, asOf := newPart(), q.opt.Now().Add(-partLag)
	err := q.db.Read(ctx, func(tx *meta.Tx) error {
		return tx.Runs(projectID, meta.RunScan{Of: &n}, func(r *ballast.Run, summary []byte) error {
			p.add(r, summary)
			return nil
		})
	})
	if err != nil {
		return err
	}
	bundles := p.bundles()
	return q.db.Write(ctx, "store a part of a run table", func(tx *meta.Tx) error {
		return tx.SaveRunPart(projectID, meta.RunPart{Part: n, AsOf: asOf, Runs: p.rows}, bundles)
	})
}

package query

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
)

// byCreation reports whether a question can be answered by an index of the
// store, without the table of all runs: no filter, in the order of creation.
func (ask *question) byCreation() bool {
	return ask.filter.root == nil && len(ask.keys) == 1 && ask.keys[0].field.name == "created_at" && ask.keys[0].field.source == fromRun &&
		(ask.after == nil || ask.after.values[0].kind == moment)
}

// listByCreation answers such a question.
func (q *Query) listByCreation(ctx context.Context, projectID int64, ask *question, fn func(*meta.Tx, selection, []int64) error) error {
	return q.db.Read(ctx, func(tx *meta.Tx) error {
		if _, err := tx.Project(projectID); err != nil {
			return err
		}
		tally, err := tx.TallyRuns(projectID)
		if err != nil {
			return err
		}
		sel := selection{live: int(tally.Runs), total: int(tally.Runs)}
		if sel.running, err = tx.CountLive(projectID); err != nil {
			return err
		}
		var after *meta.RunSpot
		if ask.after != nil {
			after = &meta.RunSpot{Ordinal: ask.after.ordinal, Created: time.UnixMicro(int64(ask.after.values[0].num))}
		}
		spots, err := tx.RunsByCreation(projectID, ask.keys[0].desc, after, ask.offset, ask.first+1)
		if err != nil {
			return err
		}
		if sel.more = len(spots) > ask.first; sel.more {
			spots = spots[:ask.first]
		}
		ids := make([]int64, len(spots))
		for i, s := range spots {
			ids[i] = s.ID
			created := momentValue(s.Created.UnixMicro(), s.Created.IsZero())
			sel.places = append(sel.places, place{values: []value{created}, ordinal: s.Ordinal})
		}
		return fn(tx, sel, ids)
	})
}

// selectFrom finds the page of a question in the table of all runs.
func (q *Query) selectFrom(ctx context.Context, projectID int64, ask *question, fn func(*meta.Tx, selection, []int64) error) error {
	return q.ask(ctx, projectID, ask.fields, func(tx *meta.Tx, t *runTable) error {
		sel := t.pick(ask.filter, ask.keys, ask.after, ask.offset, ask.first)
		ids := make([]int64, len(sel.rows))
		for i, row := range sel.rows {
			ids[i] = t.rows[row].id
		}
		return fn(tx, sel, ids)
	})
}

// countAll counts the runs of a project.
func (q *Query) countAll(ctx context.Context, projectID int64) (int, error) {
	var tally meta.RunTally
	err := q.db.Read(ctx, func(tx *meta.Tx) error {
		_, err := tx.Project(projectID)
		if err == nil {
			tally, err = tx.TallyRuns(projectID)
		}
		return err
	})
	return int(tally.Runs), err
}

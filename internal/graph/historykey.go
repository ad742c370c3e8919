package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

// namedKeys is how many deleted keys an answer names.
const namedKeys = 1000

// DeleteHistoryKeys deletes values of a run's history: docs/design/135.
func (r mutationResolver) DeleteHistoryKeys(ctx context.Context, in generated.DeleteHistoryKeysInput) (*generated.DeleteHistoryKeysPayload, error) {
	run, err := r.liveRun(ctx, in.ID, auth.Manage)
	if err != nil {
		return nil, err
	}
	found, err := r.query.ChooseKeys(ctx, run.ID, run.Config, query.KeyChoice{Keys: in.Keys, Prefix: text(in.Prefix), Pattern: text(in.Pattern), MinStep: in.MinStep, MaxStep: in.MaxStep})
	if err != nil {
		return nil, err
	}
	if !yes(in.DryRun) {
		done := false
		err := r.db.Write(ctx, "delete keys of history", func(tx *meta.Tx) (err error) {
			done, err = found.Erase(tx, r.now())
			return err
		})
		if err != nil {
			return nil, err
		}
		if !done {
			return nil, ballast.Errorf(ballast.Unavailable, "the history of run %s is being replaced; try again", run.Name)
		}
	}
	named := append([]string{}, found.Keys[:min(len(found.Keys), namedKeys)]...)
	return &generated.DeleteHistoryKeysPayload{Keys: named, KeyCount: len(found.Keys), ValueCount: found.Values}, nil
}

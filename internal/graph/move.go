package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

const maxMoved = 1000 // runs of one call

// MoveRuns puts runs into another project of their entity, all or none.
func (r mutationResolver) MoveRuns(ctx context.Context, in generated.MoveRunsInput) (*generated.MoveRunsPayload, error) {
	if len(in.Runs) == 0 || len(in.Runs) > maxMoved {
		return nil, ballast.Errorf(ballast.Invalid, "%d runs to move: 1 to %d are allowed", len(in.Runs), maxMoved)
	}
	runs := make([]ballast.Run, len(in.Runs))
	for i, id := range in.Runs {
		run, err := r.liveRun(ctx, id, auth.Manage)
		if err != nil {
			return nil, err
		}
		runs[i] = run
	}
	out := &generated.MoveRunsPayload{Runs: make([]*ballast.Run, len(runs))}
	err := r.db.Write(ctx, "move runs", func(tx *meta.Tx) error {
		for i, run := range runs {
			if err := r.moveRun(tx, &run, in.ProjectName); err != nil {
				return err
			}
			out.Runs[i] = &run
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (g *Graph) moveRun(tx *meta.Tx, run *ballast.Run, project string) error {
	from, err := tx.Project(run.ProjectID)
	if err != nil {
		return err
	}
	to, err := tx.ProjectByName(from.EntityID, project)
	if ballast.Is(err, ballast.NotFound) {
		return auth.Hidden("project " + from.Entity + "/" + project)
	}
	if err != nil {
		return err
	}
	if err := tx.MoveRun(run.ID, to.ID, g.now()); err != nil {
		return err
	}
	*run, err = tx.Run(run.ID)
	return err
}

package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

// runIn finds a run of a project by its name. A deleted one has Deleted set.
func (g *Graph) runIn(ctx context.Context, projectID int64, name string) (run ballast.Run, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		run, err = tx.RunByName(projectID, name)
		return err
	})
	return run, err
}

// runNamed finds a run by its names and checks what the caller wants to do
// with it. What is hidden and what does not exist answer the same.
func (g *Graph) runNamed(ctx context.Context, entity, project, name string, action auth.Action) (run ballast.Run, err error) {
	e, err := g.entityNamed(ctx, entity, auth.Read)
	if err == nil {
		err = g.db.Read(ctx, func(tx *meta.Tx) error {
			p, err := tx.ProjectByName(e.ID, project)
			if err == nil {
				run, err = tx.RunByName(p.ID, name)
			}
			return err
		})
	}
	if err == nil {
		err = g.mayRun(ctx, action, e, run)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("run " + entity + "/" + project + "/" + name)
	}
	return run, err
}

// runByID is runNamed for a storage id.
func (g *Graph) runByID(ctx context.Context, id string, action auth.Action) (ballast.Run, error) {
	entity, project, name, err := ballast.ParseStorageID(id)
	if err != nil {
		return ballast.Run{}, err
	}
	run, err := g.runNamed(ctx, entity, project, name, action)
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("run " + id)
	}
	return run, err
}

// liveRun is runByID without the deleted ones.
func (g *Graph) liveRun(ctx context.Context, id string, action auth.Action) (ballast.Run, error) {
	run, err := g.runByID(ctx, id, action)
	if err == nil && !run.Deleted.IsZero() {
		err = deleted(run)
	}
	return run, err
}

func deleted(run ballast.Run) error {
	return ballast.Errorf(ballast.Gone, "run %s was deleted; its id cannot be used again", run.Name)
}

// --- changing

func (r mutationResolver) StopRun(ctx context.Context, in generated.StopRunInput) (*generated.StopRunPayload, error) {
	run, err := r.liveRun(ctx, in.ID, auth.Manage)
	if err != nil {
		return nil, err
	}
	if !run.Live.State.Ended() {
		err = r.db.Write(ctx, "stop run", func(tx *meta.Tx) error { return tx.SetRunStop(run.ID, true) })
	}
	if err != nil {
		return nil, err
	}
	return &generated.StopRunPayload{Success: true, ClientMutationID: in.ClientMutationID}, nil
}

// stateFrom lists the states that updateRunState may leave for another
// (PRODUCT 3.12).
var stateFrom = map[ballast.State][]ballast.State{
	ballast.Pending: {ballast.Running, ballast.Failed, ballast.Crashed, ballast.Preempted},
	ballast.Failed:  {ballast.Pending, ballast.Running},
}

func (r mutationResolver) UpdateRunState(ctx context.Context, in generated.UpdateRunStateInput) (*generated.UpdateRunStatePayload, error) {
	to := ballast.State(strings.ToLower(in.State))
	from, ok := stateFrom[to]
	if !ok {
		return nil, ballast.Errorf(ballast.Invalid, `state %.40q cannot be set: only "pending" and "failed" can`, in.State)
	}
	run, err := r.liveRun(ctx, in.ID, auth.Write)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "update run state", func(tx *meta.Tx) error {
		run, err := tx.Run(run.ID)
		if err != nil {
			return err
		}
		for _, s := range from {
			if run.Live.State == s && run.Sweep == "" {
				return tx.SetRunState(run.ID, to, 1, r.now())
			}
		}
		return ballast.Errorf(ballast.Conflict, "run %s is %s and cannot become %s", run.Name, run.Live.State, to)
	})
	if err != nil {
		return nil, err
	}
	return &generated.UpdateRunStatePayload{Success: new(true)}, nil
}

func (r mutationResolver) DeleteRun(ctx context.Context, in generated.DeleteRunInput) (*generated.DeleteRunPayload, error) {
	run, err := r.runByID(ctx, in.ID, auth.Manage)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "delete run", func(tx *meta.Tx) error {
		if yes(in.DeleteArtifacts) {
			if err := tx.DeleteArtifactsOf(run.ID, r.now()); err != nil {
				return err
			}
		}
		return tx.DeleteRun(run.ID, r.now())
	})
	if err != nil {
		return nil, err
	}
	return &generated.DeleteRunPayload{Success: new(true), ClientMutationID: in.ClientMutationID}, nil
}

func (r mutationResolver) UndeleteRun(ctx context.Context, in generated.UndeleteRunInput) (*generated.UndeleteRunPayload, error) {
	run, err := r.runByID(ctx, in.ID, auth.Manage)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "undelete run", func(tx *meta.Tx) error { return tx.UndeleteRun(run.ID) })
	if err != nil {
		return nil, err
	}
	run.Deleted = time.Time{}
	return &generated.UndeleteRunPayload{Run: &run}, nil
}

// --- reading

func (r runResolver) ID(_ context.Context, run *ballast.Run) (string, error) {
	return ballast.StorageID(run.Entity, run.Project, run.Name), nil
}

func (r runResolver) DisplayName(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Display), nil
}

func (r runResolver) Project(ctx context.Context, run *ballast.Run) (*ballast.Project, error) {
	var p ballast.Project
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		p, err = tx.Project(run.ProjectID)
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	return &p, nil
}

func (r runResolver) ProjectID(_ context.Context, run *ballast.Run) (*string, error) {
	return projectNumber(run.ProjectID), nil
}

func (r runResolver) User(ctx context.Context, run *ballast.Run) (*ballast.User, error) {
	return r.userByID(ctx, run.UserID)
}

func (r runResolver) State(_ context.Context, run *ballast.Run) (*string, error) {
	return some(string(run.Live.State)), nil
}

func (r runResolver) Exitcode(_ context.Context, run *ballast.Run) (*int, error) {
	if s := run.Live.State; s != ballast.Finished && s != ballast.Failed {
		return nil, nil
	}
	return &run.Live.ExitCode, nil
}

func (r runResolver) Running(_ context.Context, run *ballast.Run) (*bool, error) {
	return new(run.Live.State == ballast.Running), nil
}

func (r runResolver) Failed(_ context.Context, run *ballast.Run) (*bool, error) {
	return new(run.Live.State == ballast.Failed), nil
}

func (r runResolver) ShouldStop(_ context.Context, run *ballast.Run) (*bool, error) {
	return &run.Live.Stop, nil
}

func (r runResolver) Stopped(_ context.Context, run *ballast.Run) (*bool, error) {
	return &run.Live.Stop, nil
}

func (r runResolver) Group(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Group), nil
}

func (r runResolver) JobType(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.JobType), nil
}

func (r runResolver) Description(context.Context, *ballast.Run) (*string, error) { return nil, nil }

func (r runResolver) Notes(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Notes), nil
}

func (r runResolver) Tags(_ context.Context, run *ballast.Run) ([]string, error) {
	return append([]string{}, run.Tags...), nil
}

func (r runResolver) Commit(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Commit), nil
}

func (r runResolver) Repo(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Repo), nil
}

func (r runResolver) Host(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Host), nil
}

func (r runResolver) Program(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Program), nil
}

func (r runResolver) SweepName(_ context.Context, run *ballast.Run) (*string, error) {
	return some(run.Sweep), nil
}

func (r runResolver) ReadOnly(ctx context.Context, run *ballast.Run) (*bool, error) {
	e, err := r.entityNamed(ctx, run.Entity, auth.Read)
	if err != nil {
		return nil, err
	}
	no, err := r.lacks(ctx, auth.Write, e)
	return &no, err
}

func (r runResolver) HeartbeatAt(_ context.Context, run *ballast.Run) (*time.Time, error) {
	return moment(run.Live.Heartbeat), nil
}

func (r runResolver) Duration(_ context.Context, run *ballast.Run) (*float64, error) {
	if run.Live.Heartbeat.Before(run.Created) {
		return new(0.0), nil
	}
	return new(run.Live.Heartbeat.Sub(run.Created).Seconds()), nil
}

func (r runResolver) Config(_ context.Context, run *ballast.Run) (*string, error) {
	return new(string(orEmpty(run.Config))), nil
}

func (r runResolver) WandbConfig(_ context.Context, run *ballast.Run, keys []string) (*string, error) {
	return new(pickWandb(run.Config, keys)), nil
}

func (r runResolver) SummaryMetrics(ctx context.Context, run *ballast.Run) (*string, error) {
	v := visiting(ctx)
	page, err := recall(v, &v.summaries, run.ID, func() (map[int64][]byte, error) { return r.summaries(ctx, run.ID) })
	return new(string(orEmpty(page[run.ID]))), err
}

// summaries reads the summaries of runs.
func (g *Graph) summaries(ctx context.Context, runs ...int64) (found map[int64][]byte, err error) {
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		found, err = tx.Summaries(runs)
		return err
	})
	return found, err
}

// together makes the summaries of a page of runs be read at once, when the
// first of them is asked for.
func (g *Graph) together(ctx context.Context, runs []ballast.Run) {
	ids := make([]int64, len(runs))
	for i, run := range runs {
		ids[i] = run.ID
	}
	page := sync.OnceValues(func() (map[int64][]byte, error) { return g.summaries(ctx, ids...) })
	visiting(ctx).expect(ids, page)
}

func (r runResolver) SystemMetrics(ctx context.Context, run *ballast.Run) (*string, error) {
	if run.Live.EventRows == 0 {
		return some("{}"), nil
	}
	metrics, err := r.query.SystemMetrics(ctx, run.ID)
	return &metrics, err
}

func (r runResolver) RunInfo(_ context.Context, run *ballast.Run) (*generated.RunInfo, error) {
	return &generated.RunInfo{Program: some(run.Program), Git: &generated.GitInfo{Remote: some(run.Repo), Commit: some(run.Commit)}}, nil
}

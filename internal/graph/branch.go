package graph

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

// branchTries is how often a branch is worked out again when the rows that it
// is taken from were replaced meanwhile.
const branchTries = 3

// RewindRun takes a run back to a step (resume_from): docs/design/060.
func (r mutationResolver) RewindRun(ctx context.Context, in generated.RewindRunInput) (*generated.RewindRunPayload, error) {
	run, err := r.runNamed(ctx, text(in.EntityName), text(in.ProjectName), in.RunName, auth.Write)
	if err != nil {
		return nil, err
	}
	if !run.Deleted.IsZero() {
		return nil, deleted(run)
	}
	if in.MetricName != "_step" {
		return nil, ballast.Errorf(ballast.Invalid, "a run is rewound to a value of _step, not of %.40q", in.MetricName)
	}
	step, err := wholeStep(in.MetricValue)
	if err != nil {
		return nil, err
	}
	err = r.fromPrefix(ctx, run, step, func(p query.Prefix, tx *meta.Tx) error {
		if err := tx.RewindBelongings(run.ID, meta.Moment{Rows: p.Rows, Step: step}, r.now()); err != nil {
			return err
		}
		if _, err := tx.RewindRows(run.ID, p.Rows, r.now()); err != nil {
			return err
		}
		if err := tx.SetBaseSummary(run.ID, p.Summary); err != nil {
			return err
		}
		run, err = tx.Run(run.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.RewindRunPayload{RewoundRun: &run}, nil
}

// fromPrefix works out what a run was at a step and calls use with it in a
// transaction in which this still holds. use may be called more than once.
func (g *Graph) fromPrefix(ctx context.Context, run ballast.Run, step int64, use func(query.Prefix, *meta.Tx) error) error {
	for range branchTries {
		p, err := g.query.Prefix(ctx, run.ID, run.Config, step)
		if err != nil {
			return err
		}
		done := false
		err = g.db.Write(ctx, "branch run", func(tx *meta.Tx) error {
			same, err := p.Unchanged(tx, run.ID)
			if done = same; err != nil || !same {
				return err
			}
			return use(p, tx)
		})
		if done || err != nil {
			return err
		}
	}
	return ballast.Errorf(ballast.Unavailable, "the history of run %s is being replaced; try again", run.Name)
}

// Branches lists where a run began again.
func (r runResolver) Branches(ctx context.Context, run *ballast.Run) ([]*generated.RunBranch, error) {
	var all []ballast.Branch
	err := r.db.Read(ctx, func(tx *meta.Tx) error {
		found, err := tx.Branches(run.ID)
		all = found[run.ID]
		return err
	})
	out := make([]*generated.RunBranch, len(all))
	for i, b := range all {
		out[i] = &generated.RunBranch{ID: opaqueID("RunBranch", b.ID), Rewind: b.Rewind(), Step: b.Step, CreatedAt: b.Created}
		if !b.Rewind() {
			out[i].Gone = b.Gone
		}
		if !b.Rewind() && b.Name != "" {
			out[i].RunName, out[i].DisplayName = &b.Name, &b.Display
		}
	}
	return out, err
}

func wholeStep(v float64) (int64, error) {
	if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return 0, ballast.Errorf(ballast.Invalid, "step %v is not a whole number", v)
	}
	return int64(v), nil
}

// branchPoint is the run and the step that a config says it was forked from.
func branchPoint(config []byte) (run string, step int64, ok bool) {
	point, err := splitObject("branch_point", orEmpty(wandbMember(config, "branch_point")))
	if err != nil {
		return "", 0, false
	}
	name, err := strconv.Unquote(string(find(point, "run_id")))
	if err != nil || name == "" {
		return "", 0, false
	}
	value, err := strconv.ParseFloat(string(find(point, "step")), 64)
	if err != nil {
		return "", 0, false
	}
	if step, err = wholeStep(value); err != nil {
		return "", 0, false
	}
	return name, step, true
}

// store does what the call asks, in one transaction; for the first call of a
// fork after what it inherits was worked out.
func (u *upsert) store() error {
	parent, step, err := u.parent()
	if err != nil {
		return err
	}
	if parent == nil {
		return u.db.Write(u.ctx, "upsert run", u.write)
	}
	return u.fromPrefix(u.ctx, *parent, step, func(p query.Prefix, tx *meta.Tx) error {
		if err := u.write(tx); err != nil {
			return err
		}
		return u.inherit(tx, *parent, p, step)
	})
}

// parent is the run that this call forks, nil when it forks none. Only the
// config of a new run's first call says so (PROTOCOL section 2.2); of a run that
// is there, it tells what was.
func (u *upsert) parent() (*ballast.Run, int64, error) {
	if text(u.in.ID) != "" || !u.begins() {
		return nil, 0, nil
	}
	name, step, ok := branchPoint([]byte(*u.in.Config))
	if !ok || name == u.name {
		return nil, 0, nil
	}
	var parent *ballast.Run
	err := u.db.Read(u.ctx, func(tx *meta.Tx) error {
		parent = nil
		project, err := tx.ProjectByName(u.entity.ID, u.project)
		if ballast.Is(err, ballast.NotFound) {
			return u.noParent(name)
		} else if err != nil {
			return err
		}
		child, err := tx.RunByName(project.ID, u.name)
		switch {
		case err == nil && !child.Deleted.IsZero():
			return deleted(child)
		case err == nil && !fresh(child):
			was, at, ok := branchPoint(child.Config)
			if !ok || was != name || at != step {
				return ballast.Errorf(ballast.Invalid, "run %s exists already: a fork needs an id that is new", u.name)
			}
			return nil // the same fork again: its rows start over behind what it inherited
		case err != nil && !ballast.Is(err, ballast.NotFound):
			return err
		}
		run, err := tx.RunByName(project.ID, name)
		if ballast.Is(err, ballast.NotFound) || err == nil && !run.Deleted.IsZero() {
			return u.noParent(name)
		}
		parent = &run
		return err
	})
	return parent, step, err
}

func (u *upsert) noParent(name string) error {
	return ballast.Errorf(ballast.Invalid, "run %.128s, which run %s is to be forked from, is not in project %s", name, u.name, u.project)
}

// fresh reports whether nothing was written to a run yet: it was made to be
// started later.
func fresh(run ballast.Run) bool {
	return !run.Started && run.Live.Rows == 0 && run.Live.HistoryLines == 0
}

// forked reports whether a run began as a fork: its process does not know the
// config that it inherited.
func forked(run ballast.Run) bool {
	parent, _, ok := branchPoint(run.Config)
	return ok && parent != run.Name
}

// inheritConfig is the config of a fork: its own over that of its parent,
// of whose "_wandb" only the definitions of metrics are taken: the rest tells
// about the parent's process.
func inheritConfig(parent, own []byte) []byte {
	below, err1 := splitObject("config", orEmpty(parent))
	above, err2 := splitObject("config", orEmpty(own))
	if err1 != nil || err2 != nil {
		return own
	}
	wandb := find(below, "_wandb")
	below = slices.DeleteFunc(below, func(m member) bool { return m.key == "_wandb" })
	if defined := find(splitValue(wandb), "m"); defined != nil {
		mine := splitValue(find(above, "_wandb"))
		mine = overlay(mine, []member{{"m", mergeMetrics(defined, find(mine, "m"))}})
		above = overlay(above, []member{{"_wandb", joinObject([]member{{"value", joinObject(mine)}})}})
	}
	return joinObject(overlay(below, above))
}

// inherit gives a new run what its parent was at the step.
func (u *upsert) inherit(tx *meta.Tx, parent ballast.Run, p query.Prefix, step int64) error {
	if u.run.Live.Rows > 0 || u.run.Live.HistoryLines > 0 {
		return nil // another call has done it
	}
	if err := tx.ForkRows(parent.ID, u.run.ID, p.Rows, u.now()); err != nil {
		return err
	}
	if err := tx.ForkBelongings(parent.ID, u.run.ID, meta.Moment{Rows: p.Rows, Step: step}, u.now()); err != nil {
		return err
	}
	u.run.Live.Rows = p.Rows
	u.run.Config = inheritConfig(parent.Config, u.run.Config)
	if err := tx.UpdateRun(u.run); err != nil {
		return err
	}
	u.run.Rev++
	return tx.SetBaseSummary(u.run.ID, p.Summary)
}

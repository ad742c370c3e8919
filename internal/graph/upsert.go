package graph

import (
	"cmp"
	"context"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

// UpsertBucket creates a run or changes it (PROTOCOL section 2.1). How the
// calls of one process are told apart is in docs/design/020.
func (r mutationResolver) UpsertBucket(ctx context.Context, in generated.UpsertBucketInput) (*generated.UpsertBucketPayload, error) {
	u, err := r.newUpsert(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := u.store(); err != nil {
		return nil, u.hide(err)
	}
	if !u.resumes {
		// The SDK goes on after this line, also when it did not resume.
		u.run.Live.HistoryLines = 0
	}
	return &generated.UpsertBucketPayload{Bucket: &u.run, Inserted: &u.inserted}, nil
}

// upsert is one call of UpsertBucket. Its write may run more than once.
type upsert struct {
	*Graph
	ctx     context.Context
	in      generated.UpsertBucketInput
	entity  ballast.Entity
	project string
	name    string
	creator int64
	shared  bool
	resumes bool // this is the first call of a process that resumes the run

	run      ballast.Run
	inserted bool
}

func (g *Graph) newUpsert(ctx context.Context, in generated.UpsertBucketInput) (*upsert, error) {
	u := &upsert{Graph: g, ctx: ctx, in: in, shared: visiting(ctx).shared, creator: auth.From(ctx).Author().ID}
	entity := text(in.EntityName)
	u.project, u.name = cmp.Or(text(in.ModelName), defaultProject), text(in.Name)
	if id := text(in.ID); id != "" {
		var err error
		if entity, u.project, u.name, err = ballast.ParseStorageID(id); err != nil {
			return nil, err
		}
		u.resumes = u.begins()
	} else if u.name == "" {
		u.name = runID()
	}
	if _, ok := newStates[text(in.State)]; !ok {
		return nil, ballast.Errorf(ballast.Invalid, `state %.40q cannot be set: a new run is "running" or "pending"`, text(in.State))
	}
	var err error
	u.entity, err = g.entityNamed(ctx, entity, auth.Write)
	return u, u.hide(err)
}

// edits reports whether this is wandb.Api, which read the whole config and
// sends it back, not a process that knows a part of it. Only the one names the
// run by nothing but its storage id and puts a "desc" into each member
// (PROTOCOL 2.1).
func (u *upsert) edits() bool {
	if text(u.in.ID) == "" || u.in.Name != nil || u.in.Host != nil || u.in.Config == nil {
		return false
	}
	config, err := splitObject("config", []byte(*u.in.Config))
	for _, m := range config {
		wrapped, err := splitObject("", m.value)
		if err != nil || find(wrapped, "desc") == nil {
			return false
		}
	}
	return err == nil && len(config) > 0
}

// hide answers for an id that is not there, or may not be seen, in the words
// of the id.
func (u *upsert) hide(err error) error {
	if text(u.in.ID) != "" && ballast.Is(err, ballast.NotFound) {
		return auth.Hidden("run " + *u.in.ID)
	}
	return err
}

// newStates are the states that a run may be created with.
var newStates = map[string]ballast.State{
	"": ballast.Running, string(ballast.Running): ballast.Running, string(ballast.Pending): ballast.Pending,
}

// begins reports whether this is the first call of a process. It tells the
// host and, in the config, the telemetry; a later one has also the environment
// or only a part of this (docs/design/020).
func (u *upsert) begins() bool {
	return u.in.Host != nil && u.in.Config != nil && u.in.State == nil &&
		started([]byte(*u.in.Config)) && pickWandb([]byte(*u.in.Config), []string{"e"}) == "{}"
}

// write does it in one transaction.
func (u *upsert) write(tx *meta.Tx) error {
	project, err := u.findProject(tx)
	if err != nil {
		return err
	}
	run, err := tx.RunByName(project.ID, u.name)
	switch {
	case ballast.Is(err, ballast.NotFound) && text(u.in.ID) == "":
		return u.create(tx, project)
	case err != nil:
		return err
	case !run.Deleted.IsZero():
		return deleted(run)
	}
	return u.change(tx, run)
}

// findProject makes the project when there is none, unless the run has to
// exist.
func (u *upsert) findProject(tx *meta.Tx) (ballast.Project, error) {
	if text(u.in.ID) != "" {
		return tx.ProjectByName(u.entity.ID, u.project)
	}
	p, _, err := tx.EnsureProject(u.entity.ID, u.project, u.creator, u.now())
	return p, err
}

func (u *upsert) create(tx *meta.Tx, project ballast.Project) error {
	run := ballast.Run{ProjectID: project.ID, Name: u.name, UserID: u.creator, Created: u.now()}
	run.Live.State = newStates[text(u.in.State)]
	if err := u.fill(&run); err != nil {
		return err
	}
	if run.Display == "" {
		run.Display = displayName(project.RunCount)
	}
	made, err := tx.CreateRun(run)
	if err != nil {
		return err
	}
	made.Entity, made.Project = project.Entity, project.Name
	u.run, u.inserted = made, true
	return u.summary(tx)
}

func (u *upsert) change(tx *meta.Tx, run ballast.Run) error {
	before := run
	if err := u.fill(&run); err != nil {
		return err
	}
	if !same(before, run) {
		if err := tx.UpdateRun(run); err != nil {
			return err
		}
		run.Rev++
	}
	u.run, u.inserted = run, false
	if err := u.beginSession(tx); err != nil {
		return err
	}
	return u.summary(tx)
}

// beginSession notes that a process starts to write to a run that is there. A
// process that joins others in a shared run starts nothing.
func (u *upsert) beginSession(tx *meta.Tx) error {
	live := &u.run.Live
	if !u.begins() || u.shared && !live.State.Ended() && live.State != ballast.Pending {
		return nil
	}
	if err := tx.BeginSession(u.run.ID, u.resumes, u.now()); err != nil {
		return err
	}
	live.State, live.ExitCode, live.Stop, live.Heartbeat = ballast.Running, 0, false, u.now()
	return nil
}

// summary replaces the summary when the call has one.
func (u *upsert) summary(tx *meta.Tx) error {
	if u.in.SummaryMetrics == nil {
		return nil
	}
	if _, err := splitObject("summaryMetrics", []byte(*u.in.SummaryMetrics)); err != nil {
		return err
	}
	return tx.SetSummary(u.run.ID, []byte(*u.in.SummaryMetrics))
}

// fill lays what the call says over the run. Null leaves a field as it is.
func (u *upsert) fill(run *ballast.Run) error {
	in := u.in
	set(&run.Display, in.DisplayName)
	set(&run.Group, in.GroupName)
	set(&run.JobType, in.JobType)
	if in.Notes != nil || in.Description != nil {
		run.Notes = cmp.Or(text(in.Notes), text(in.Description))
	}
	set(&run.Commit, in.Commit)
	set(&run.Host, in.Host)
	set(&run.Program, in.JobProgram)
	set(&run.Repo, in.JobRepo)
	set(&run.Sweep, in.Sweep)
	if in.Tags != nil {
		run.Tags = distinct(in.Tags)
	}
	if in.Config != nil {
		config, err := newConfig(run.Config, []byte(*in.Config), (u.shared || forked(*run)) && !u.edits())
		if err != nil {
			return err
		}
		run.Config, run.Started = config, run.Started || started(config)
	}
	return nil
}

func set(field *string, value *string) {
	if value != nil {
		*field = *value
	}
}

// distinct is the tags in order, each once.
func distinct(tags []string) []string {
	out := []string{}
	for _, t := range tags {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// same reports whether nothing that UpdateRun writes has changed.
func same(a, b ballast.Run) bool {
	return a.Display == b.Display && a.Group == b.Group && a.JobType == b.JobType && a.Notes == b.Notes &&
		a.Host == b.Host && a.Program == b.Program && a.Commit == b.Commit && a.Repo == b.Repo && a.Sweep == b.Sweep &&
		a.Started == b.Started && string(a.Config) == string(b.Config) && slices.Equal(a.Tags, b.Tags)
}

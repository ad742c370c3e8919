package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

const (
	firstPage      = 50 // items of a page when the client does not say
	defaultProject = "uncategorized"
)

func (r queryResolver) Project(ctx context.Context, name, entityName *string) (*ballast.Project, error) {
	e, err := r.entityNamed(ctx, text(entityName), auth.Read)
	if err != nil {
		return nil, hidden(err)
	}
	return r.projectIn(ctx, e, text(name))
}

func (r queryResolver) Model(ctx context.Context, name, entityName *string) (*ballast.Project, error) {
	return r.Project(ctx, name, entityName)
}

func (r queryResolver) Models(ctx context.Context, entityName, after *string, first *int) (*generated.ProjectConnection, error) {
	e, err := r.entityNamed(ctx, text(entityName), auth.Read)
	if ballast.Is(err, ballast.NotFound) { // an empty list is what wandb.Api copes with
		return &generated.ProjectConnection{Edges: []*generated.ProjectEdge{}, PageInfo: &generated.PageInfo{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return r.projectsOf(ctx, e, after, first)
}

// projectIn finds an entity's project by name, nil when there is none.
func (g *Graph) projectIn(ctx context.Context, e ballast.Entity, name string) (*ballast.Project, error) {
	var p ballast.Project
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		p, err = tx.ProjectByName(e.ID, cmp.Or(name, defaultProject))
		return err
	})
	if err != nil {
		return nil, hidden(err)
	}
	return &p, nil
}

// projectsOf is a page of an entity's projects by name. A project's cursor is
// its name.
func (g *Graph) projectsOf(ctx context.Context, e ballast.Entity, after *string, first *int) (*generated.ProjectConnection, error) {
	limit := page(first, firstPage, maxPage)
	var all []ballast.Project
	err := g.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.Projects(e.ID, text(after), limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &generated.ProjectConnection{Edges: []*generated.ProjectEdge{}, PageInfo: &generated.PageInfo{HasNextPage: len(all) > limit}}
	for i := range all[:min(limit, len(all))] {
		p := &all[i]
		out.Edges = append(out.Edges, &generated.ProjectEdge{Cursor: p.Name, Node: p})
		out.PageInfo.EndCursor = &p.Name
	}
	return out, nil
}

// projectByID finds a project by its id or internal id and checks what the
// caller wants to do with it.
func (g *Graph) projectByID(ctx context.Context, id string, action auth.Action) (ballast.Project, error) {
	n, err := parseOpaqueID("Project", id)
	if err != nil {
		if n, err = parseOpaqueID("ProjectInternalId", id); err != nil {
			return ballast.Project{}, err
		}
	}
	var p ballast.Project
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		p, err = tx.Project(n)
		return err
	})
	if err == nil {
		err = g.mayIn(ctx, action, p)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("project " + id)
	}
	return p, err
}

// mayIn is may for what is in a project.
func (g *Graph) mayIn(ctx context.Context, action auth.Action, p ballast.Project) error {
	e, err := g.entityByID(ctx, p.EntityID)
	if err != nil {
		return err
	}
	return g.may(ctx, action, e)
}

func (r mutationResolver) UpsertModel(ctx context.Context, in generated.UpsertModelInput) (*generated.UpsertModelPayload, error) {
	var p ballast.Project
	inserted := false
	if text(in.ID) != "" {
		found, err := r.projectByID(ctx, *in.ID, auth.Write)
		if err != nil {
			return nil, err
		}
		p = found
	}
	e, err := r.entityNamed(ctx, cmp.Or(p.Entity, text(in.EntityName)), auth.Write)
	if err != nil {
		return nil, err
	}
	name := cmp.Or(p.Name, text(in.Name))
	if name == "" {
		return nil, ballast.Errorf(ballast.Invalid, "upsertModel needs a name")
	}
	if err := checkAccess(text(in.Access)); err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "upsert project", func(tx *meta.Tx) error {
		if p, inserted, err = tx.MakeProject(e.ID, name, auth.From(ctx).User.ID, r.now()); err != nil {
			return err
		}
		if in.Description != nil && *in.Description != p.Description {
			p.Description = *in.Description
			return tx.UpdateProject(p.ID, p.Description)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &generated.UpsertModelPayload{Inserted: &inserted, Model: &p, Project: &p}, nil
}

// checkAccess refuses a visibility that projects cannot have here: nobody may
// believe that a project is more open, or less, than it is.
func checkAccess(asked string) error {
	switch strings.ToUpper(asked) {
	case "", access, "PRIVATE": // PRIVATE is what W&B calls it
		return nil
	}
	return ballast.Errorf(ballast.Invalid, "access %.40q is not available: a project is seen by the members of its team (%s)", asked, access)
}

// RenameProject gives a project another name (docs/design/016).
func (r mutationResolver) RenameProject(ctx context.Context, in generated.RenameProjectInput) (*generated.RenameProjectPayload, error) {
	e, err := r.entityNamed(ctx, in.EntityName, auth.Manage)
	if err != nil {
		return nil, err
	}
	var p ballast.Project
	err = r.db.Write(ctx, "rename project", func(tx *meta.Tx) error {
		if p, err = tx.ProjectByName(e.ID, in.OldProjectName); err != nil {
			return err
		}
		if err := tx.RenameProject(p.ID, in.NewProjectName, r.now()); err != nil {
			return err
		}
		p, err = tx.Project(p.ID)
		return err
	})
	if ballast.Is(err, ballast.NotFound) {
		return nil, auth.Hidden("project " + in.EntityName + "/" + in.OldProjectName)
	}
	if err != nil {
		return nil, err
	}
	return &generated.RenameProjectPayload{Inserted: new(false), Project: &p}, nil
}

func (r mutationResolver) DeleteModel(ctx context.Context, in generated.DeleteModelInput) (*generated.DeleteModelPayload, error) {
	p, err := r.projectByID(ctx, in.ID, auth.Manage)
	if err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "delete project", func(tx *meta.Tx) error { return tx.DeleteProject(p.ID, r.now()) })
	if err != nil {
		return nil, err
	}
	return &generated.DeleteModelPayload{Success: new(true)}, nil
}

func (r projectResolver) ID(_ context.Context, p *ballast.Project) (string, error) {
	return opaqueID("Project", p.ID), nil
}

func (r projectResolver) InternalID(_ context.Context, p *ballast.Project) (string, error) {
	return opaqueID("ProjectInternalId", p.ID), nil
}

func (r projectResolver) Entity(ctx context.Context, p *ballast.Project) (*ballast.Entity, error) {
	e, err := r.entityByID(ctx, p.EntityID)
	return &e, err
}

func (r projectResolver) Description(_ context.Context, p *ballast.Project) (*string, error) {
	return some(p.Description), nil
}

func (r projectResolver) Access(context.Context, *ballast.Project) (*string, error) {
	return some(access), nil
}

func (r projectResolver) ReadOnly(ctx context.Context, p *ballast.Project) (*bool, error) {
	e, err := r.entityByID(ctx, p.EntityID)
	if err != nil {
		return nil, err
	}
	no, err := r.lacks(ctx, auth.Write, e)
	return &no, err
}

func (r projectResolver) LastActive(ctx context.Context, p *ballast.Project) (*time.Time, error) {
	var at time.Time
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		at, err = tx.LastActive(p.ID)
		return err
	})
	return moment(at), err
}

func (r projectResolver) User(ctx context.Context, p *ballast.Project) (*ballast.User, error) {
	return r.userByID(ctx, p.CreatorID)
}

func (r projectResolver) IsBenchmark(context.Context, *ballast.Project) (bool, error) {
	return false, nil
}

func (r projectResolver) DockerImage(context.Context, *ballast.Project) (*string, error) {
	return nil, nil
}

func (r projectResolver) Repo(context.Context, *ballast.Project) (*string, error) { return nil, nil }

func (r projectResolver) Views(context.Context, *ballast.Project) (*string, error) { return nil, nil }

func (r projectResolver) Run(ctx context.Context, p *ballast.Project, name string, _ *string) (*ballast.Run, error) {
	run, err := r.runIn(ctx, p.ID, name)
	if err != nil || !run.Deleted.IsZero() {
		return nil, hidden(err)
	}
	return &run, nil
}

func (r projectResolver) Bucket(ctx context.Context, p *ballast.Project, name string, _ *bool, _ *string) (*ballast.Run, error) {
	return r.Run(ctx, p, name, nil)
}

func (r projectResolver) Runs(ctx context.Context, p *ballast.Project, filters, after *string, first *int, order *string) (*generated.RunConnection, error) {
	got, err := r.query.Runs(ctx, p.ID, query.RunQuery{
		Filter: []byte(text(filters)), Order: orders(text(order)), After: text(after), First: page(first, firstPage, maxPage),
	})
	if err != nil {
		return nil, err
	}
	r.together(ctx, got.Runs)
	out := &generated.RunConnection{Edges: []*generated.RunEdge{}, TotalCount: got.Total, PageInfo: &generated.PageInfo{HasNextPage: got.More}}
	for i := range got.Runs {
		out.Edges = append(out.Edges, &generated.RunEdge{Cursor: got.Cursors[i], Node: &got.Runs[i]})
		out.PageInfo.EndCursor = &got.Cursors[i]
	}
	return out, nil
}

func (r projectResolver) Buckets(ctx context.Context, p *ballast.Project, first int) (*generated.RunConnection, error) {
	return r.Runs(ctx, p, nil, nil, &first, nil)
}

func (r projectResolver) RunCount(ctx context.Context, p *ballast.Project, filters *string) (*int, error) {
	count, cheap := cheapCount(text(filters))
	if !cheap {
		n, err := r.query.CountRuns(ctx, p.ID, []byte(text(filters)))
		return &n, err
	}
	var n int64
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		n, err = count(tx, p.ID)
		return err
	})
	return new(int(n)), err
}

// cheapCount answers the two questions that a list of projects asks about each,
// all runs and those in a state, without reading the project's run table.
func cheapCount(filter string) (func(*meta.Tx, int64) (int64, error), bool) {
	var want map[string]any
	if filter != "" && json.Unmarshal([]byte(filter), &want) != nil {
		return nil, false
	}
	state, is := want["state"].(string)
	switch {
	case len(want) == 0:
		return (*meta.Tx).LiveRuns, true
	case len(want) == 1 && is:
		return func(tx *meta.Tx, project int64) (int64, error) {
			return tx.RunsInState(project, ballast.State(state))
		}, true
	}
	return nil, false
}

// projectNumber is a project's number as runs tell it.
func projectNumber(id int64) *string { return some(strconv.FormatInt(id, 10)) }

// orders splits "-created_at,+name" into its keys.
func orders(order string) []string {
	return strings.FieldsFunc(order, func(c rune) bool { return c == ',' || c == ' ' })
}

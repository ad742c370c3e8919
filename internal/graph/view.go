package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

type viewResolver struct{ *Graph }

func (r *root) View() generated.ViewResolver { return viewResolver{r.Graph} }

var (
	viewType     = regexp.MustCompile(`^[a-z][a-z0-9/_-]*$`)
	personalView = regexp.MustCompile(`^nw-nwuser(.+)-v$`)
)

func (r queryResolver) View(ctx context.Context, id string) (*ballast.View, error) {
	v, err := r.viewByID(ctx, id, auth.Read)
	if err != nil {
		return nil, hidden(err)
	}
	return &v, nil
}

// viewByID finds a view and checks what the caller wants to do in its project.
func (g *Graph) viewByID(ctx context.Context, id string, action auth.Action) (ballast.View, error) {
	n, err := parseOpaqueID("View", id)
	if err != nil {
		return ballast.View{}, err
	}
	var v ballast.View
	var p ballast.Project
	err = g.db.Read(ctx, func(tx *meta.Tx) error {
		if v, err = tx.View(n); err != nil {
			return err
		}
		p, err = tx.Project(v.ProjectID)
		return err
	})
	if err == nil {
		err = g.mayIn(ctx, action, p)
	}
	if ballast.Is(err, ballast.NotFound) {
		err = auth.Hidden("view " + id)
	}
	return v, err
}

func (r projectResolver) AllViews(ctx context.Context, p *ballast.Project, viewType, viewName *string, first *int, after, userName *string) (*generated.ViewConnection, error) {
	out := &generated.ViewConnection{Edges: []*generated.ViewEdge{}, PageInfo: &generated.PageInfo{}}
	limit := page(first, firstPage, maxPage)
	q := meta.ViewQuery{Type: text(viewType), Name: text(viewName), Limit: limit + 1}
	if text(after) != "" {
		n, err := strconv.ParseInt(*after, 10, 64)
		if err != nil || n <= 0 {
			return nil, ballast.Errorf(ballast.Invalid, "allViews: %.80q is not the cursor of a view", *after)
		}
		q.Before = n
	}
	var all []ballast.View
	err := r.db.Read(ctx, func(tx *meta.Tx) error {
		if text(userName) != "" {
			u, err := tx.UserByName(*userName)
			if err != nil {
				return err
			}
			q.UserID = u.ID
		}
		var err error
		all, err = tx.Views(p.ID, q)
		return err
	})
	if err != nil {
		if ballast.Is(err, ballast.NotFound) { // nobody of that name
			return out, nil
		}
		return nil, err
	}
	out.PageInfo.HasNextPage = len(all) > limit
	for i := range all[:min(limit, len(all))] {
		cursor := strconv.FormatInt(all[i].ID, 10)
		out.Edges = append(out.Edges, &generated.ViewEdge{Cursor: cursor, Node: &all[i]})
		out.PageInfo.EndCursor = &cursor
	}
	return out, nil
}

// UpsertView makes or changes a view (docs/design/080).
func (r mutationResolver) UpsertView(ctx context.Context, in generated.UpsertViewInput) (*generated.UpsertViewPayload, error) {
	if in.Spec != nil {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(*in.Spec), &object); err != nil || object == nil {
			return nil, ballast.Errorf(ballast.Invalid, "upsertView: the spec is not a JSON object")
		}
	}
	if text(in.ID) != "" {
		v, err := r.viewByID(ctx, *in.ID, auth.Write)
		if err != nil {
			return nil, err
		}
		return r.changeView(ctx, v, in)
	}
	v, err := r.viewToMake(ctx, in)
	if err != nil {
		return nil, err
	}
	var old ballast.View
	err = r.db.Read(ctx, func(tx *meta.Tx) error {
		old, err = tx.ViewByName(v.ProjectID, v.Type, v.Name)
		return err
	})
	switch {
	case err == nil:
		return r.changeView(ctx, old, in)
	case !ballast.Is(err, ballast.NotFound):
		return nil, err
	}
	if err := mayStore(ctx, v); err != nil {
		return nil, err
	}
	err = r.db.Write(ctx, "make view", func(tx *meta.Tx) error {
		v, err = tx.CreateView(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.UpsertViewPayload{Inserted: new(true), View: &v}, nil
}

// viewToMake is the view that an input without an id describes.
func (r mutationResolver) viewToMake(ctx context.Context, in generated.UpsertViewInput) (v ballast.View, err error) {
	e, err := r.entityNamed(ctx, text(in.EntityName), auth.Write)
	if err != nil {
		return v, err
	}
	p, err := r.projectIn(ctx, e, text(in.ProjectName))
	if err != nil {
		return v, err
	}
	if p == nil {
		return v, auth.Hidden("project " + e.Name + "/" + text(in.ProjectName))
	}
	v = ballast.View{
		ProjectID: p.ID, UserID: auth.From(ctx).User.ID, Type: cmp.Or(text(in.Type), ballast.ViewReport), Name: text(in.Name),
		DisplayName: text(in.DisplayName), Description: text(in.Description), Spec: cmp.Or(text(in.Spec), "{}"), Created: r.now(),
	}
	if v.Name == "" {
		return v, ballast.Errorf(ballast.Invalid, "upsertView: a new view needs a name, a view that exists its id")
	}
	if !viewType.MatchString(v.Type) {
		return v, ballast.Errorf(ballast.Invalid, "upsertView: the type %.80q has other characters than a-z 0-9 / - _", v.Type)
	}
	return v, nil
}

func (r mutationResolver) changeView(ctx context.Context, v ballast.View, in generated.UpsertViewInput) (*generated.UpsertViewPayload, error) {
	if err := mayStore(ctx, v); err != nil {
		return nil, err
	}
	err := r.db.Write(ctx, "change view", func(tx *meta.Tx) error {
		now, err := tx.View(v.ID) // as it is in this transaction
		if err != nil {
			return err
		}
		v = now
		v.Rev = number(in.Revision, now.Rev)
		v.DisplayName, v.Description, v.Spec = over(now.DisplayName, in.DisplayName), over(now.Description, in.Description), over(now.Spec, in.Spec)
		v.EditorID, v.Updated = auth.From(ctx).User.ID, r.now()
		v, err = tx.UpdateView(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.UpsertViewPayload{Inserted: new(false), View: &v}, nil
}

// mayStore refuses changes to what is another's own view.
func mayStore(ctx context.Context, v ballast.View) error {
	m := personalView.FindStringSubmatch(v.Name)
	if m == nil || v.Type != ballast.ViewWorkspace || m[1] == auth.From(ctx).User.Name {
		return nil
	}
	return ballast.Errorf(ballast.Denied, "this is the workspace of %s: save it as a new view", m[1])
}

func (r mutationResolver) DeleteView(ctx context.Context, in generated.DeleteViewInput) (*generated.DeleteViewPayload, error) {
	v, err := r.viewByID(ctx, in.ID, auth.Write)
	if err != nil {
		return nil, err
	}
	if v.UserID != auth.From(ctx).User.ID {
		if v, err = r.viewByID(ctx, in.ID, auth.Manage); err != nil {
			return nil, err
		}
	}
	err = r.db.Write(ctx, "delete view", func(tx *meta.Tx) error { return tx.DeleteView(v.ID) })
	if err != nil {
		return nil, err
	}
	return &generated.DeleteViewPayload{Success: new(true)}, nil
}

func (r viewResolver) ID(_ context.Context, v *ballast.View) (string, error) {
	return opaqueID("View", v.ID), nil
}

func (r viewResolver) Project(ctx context.Context, v *ballast.View) (*ballast.Project, error) {
	var p ballast.Project
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		p, err = tx.Project(v.ProjectID)
		return err
	})
	return &p, err
}

func (r viewResolver) User(ctx context.Context, v *ballast.View) (*ballast.User, error) {
	return r.userByID(ctx, v.UserID)
}

func (r viewResolver) Editor(ctx context.Context, v *ballast.View) (*ballast.User, error) {
	return r.userByID(ctx, v.EditorID)
}

func (r viewResolver) ReadOnly(ctx context.Context, v *ballast.View) (bool, error) {
	if mayStore(ctx, *v) != nil {
		return true, nil
	}
	p, err := r.Project(ctx, v)
	if err != nil {
		return true, err
	}
	e, err := r.entityByID(ctx, p.EntityID)
	if err != nil {
		return true, err
	}
	return r.lacks(ctx, auth.Write, e)
}

// over is the new text, the old one where there is none.
func over(old string, change *string) string {
	if change == nil {
		return old
	}
	return *change
}

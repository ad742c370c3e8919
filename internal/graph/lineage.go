package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

// mostLineage is how many nodes of a lineage are told.
const mostLineage = 2000

// Lineage walks from a version along the edges of runs, hop by hop. What the
// caller may not see is neither told nor walked through.
func (r artifactResolver) Lineage(ctx context.Context, a *ballast.Artifact, hops *int) (*generated.Lineage, error) {
	if hops != nil && *hops < 1 {
		return nil, ballast.Errorf(ballast.Invalid, "hops is %d: at least 1 is needed", *hops)
	}
	w := lineageWalk{Graph: r.Graph, id: map[lineageKey]string{}, entity: map[int64]bool{}}
	if err := w.addArtifacts(ctx, []ballast.Artifact{*a}); err != nil {
		return nil, err
	}
	at, runs := []int64{a.ID}, false // the nodes of the last hop, and whether they are runs
	for hop := 0; len(at) > 0; hop++ {
		next, err := w.edges(ctx, at, runs)
		if err != nil {
			return nil, err
		}
		if hops != nil && hop == *hops || len(w.out.Nodes) >= mostLineage {
			w.out.More = len(next) > 0
			break
		}
		runs = !runs
		if at, err = w.add(ctx, next, runs); err != nil {
			return nil, err
		}
	}
	w.join()
	return &w.out, nil
}

type lineageKey struct {
	run bool
	id  int64
}

// lineageWalk is a lineage as far as it is known.
type lineageWalk struct {
	*Graph
	out    generated.Lineage
	id     map[lineageKey]string // of the nodes
	found  []meta.Use
	entity map[int64]bool // whether the caller may see what an entity owns
}

// edges finds those of nodes and returns what is new at their other ends.
func (w *lineageWalk) edges(ctx context.Context, at []int64, runs bool) (next []int64, err error) {
	var uses []meta.Use
	err = w.db.Read(ctx, func(tx *meta.Tx) error {
		if runs {
			uses, err = tx.UsesOfRuns(at)
		} else {
			uses, err = tx.UsesOfArtifacts(at)
		}
		return err
	})
	waiting := map[int64]bool{}
	for _, u := range uses {
		end := lineageKey{!runs, u.Run}
		if runs {
			end.id = u.Artifact
		}
		if _, known := w.id[end]; !known && !waiting[end.id] {
			waiting[end.id] = true
			next = append(next, end.id)
		}
	}
	w.found = append(w.found, uses...)
	return next, err
}

// add reads nodes and tells those that may be seen, as many as there is room.
func (w *lineageWalk) add(ctx context.Context, ids []int64, runs bool) (seen []int64, err error) {
	room := mostLineage - len(w.out.Nodes)
	if len(ids) > room {
		ids, w.out.More = ids[:room], true
	}
	if runs {
		found, err := w.seenRuns(ctx, ids)
		for i := range found {
			w.addRun(&found[i])
			seen = append(seen, found[i].ID)
		}
		return seen, err
	}
	var found, shown []ballast.Artifact
	err = w.db.Read(ctx, func(tx *meta.Tx) error {
		found, err = tx.ArtifactsByID(ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		ok, known := w.entity[a.Collection.EntityID]
		if !known {
			if ok, err = w.seen(ctx, a.Collection.EntityID); err != nil {
				return nil, err
			}
			w.entity[a.Collection.EntityID] = ok
		}
		if ok {
			shown, seen = append(shown, a), append(seen, a.ID)
		}
	}
	return seen, w.addArtifacts(ctx, shown)
}

func (w *lineageWalk) addRun(run *ballast.Run) {
	id := ballast.StorageID(run.Entity, run.Project, run.Name)
	w.id[lineageKey{true, run.ID}] = id
	w.out.Nodes = append(w.out.Nodes, &generated.LineageNode{ID: id, IsRun: true, EntityName: run.Entity, ProjectName: run.Project, Name: run.Name, DisplayName: run.Display,
		Type: run.JobType, State: some(string(run.Live.State)), Aliases: []string{}, CreatedAt: run.Created})
}

func (w *lineageWalk) addArtifacts(ctx context.Context, all []ballast.Artifact) error {
	ids := make([]int64, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	var aliases map[int64][]string
	err := w.db.Read(ctx, func(tx *meta.Tx) (err error) {
		aliases, err = tx.OwnAliases(ids)
		return err
	})
	for _, a := range all {
		id := opaqueID("Artifact", a.ID)
		w.id[lineageKey{false, a.ID}] = id
		n := &generated.LineageNode{ID: id, EntityName: a.Collection.Entity, ProjectName: a.Collection.Project, Name: a.Collection.Name, DisplayName: a.Collection.Name,
			Type: a.Collection.Type, Aliases: append([]string{}, aliases[a.ID]...), Size: &a.Bytes, CreatedAt: a.Created}
		if a.Version >= 0 {
			n.VersionIndex = new(int(a.Version))
		}
		w.out.Nodes = append(w.out.Nodes, n)
	}
	return err
}

// join tells each edge once whose two ends are told.
func (w *lineageWalk) join() {
	w.out.Edges = []*generated.LineageEdge{}
	told := map[meta.Use]bool{}
	for _, u := range w.found {
		run, isRun := w.id[lineageKey{true, u.Run}]
		version, isVersion := w.id[lineageKey{false, u.Artifact}]
		if isRun && isVersion && !told[u] {
			told[u] = true
			w.out.Edges = append(w.out.Edges, &generated.LineageEdge{Run: run, Artifact: version, Output: u.Output})
		}
	}
}

// AliasHistory tells when aliases came to a version and left it.
func (r artifactResolver) AliasHistory(ctx context.Context, a *ballast.Artifact) ([]*ballast.AliasEvent, error) {
	var all []ballast.AliasEvent
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.AliasEvents(a.ID, a.CollectionID, maxPage)
		return err
	})
	out := make([]*ballast.AliasEvent, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out, err
}

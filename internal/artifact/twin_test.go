package artifact_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// ready is a draft that only wants its commit.
func (st *stage) ready(files map[string]string, d artifact.Draft) ballast.Artifact {
	st.t.Helper()
	text, digest := manifestOf(files)
	d.Digest = digest
	a := st.create(d)
	if a.State != ballast.ArtifactPending {
		st.t.Fatalf("the draft is %s", a.State)
	}
	st.send(a, files)
	st.manifest(a, ballast.ManifestFull, 0, text)
	return a
}

func (st *stage) byID(id int64) (a ballast.Artifact) {
	st.t.Helper()
	err := st.db.Read(context.Background(), func(tx *meta.Tx) (err error) {
		a, err = tx.Artifact(id)
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return a
}

// TestTwins: drafts of one digest that are under way at the same time become
// one version, which has the labels of all, and each draft's id finds it.
func TestTwins(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		st := newStageOn(t, db)
		files := map[string]string{"a": "the same"}
		const writers = 6
		var drafts []ballast.Artifact
		for i := range writers {
			drafts = append(drafts, st.ready(files, artifact.Draft{Dedupe: true, Aliases: []string{fmt.Sprint("by", i)}, Tags: []string{fmt.Sprint("tag", i)}, ClientID: fmt.Sprint("client", i)}))
		}
		var wg sync.WaitGroup
		got := make([]ballast.Artifact, writers)
		for i, d := range drafts {
			wg.Go(func() {
				var err error
				if got[i], err = st.room.Commit(context.Background(), d); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := st.room.Versions(t.Context(), drafts[0].CollectionID, artifact.List{})
		if err != nil || len(list) != 1 || list[0].Number != 0 {
			t.Fatalf("%d versions, %v, want v0 alone", len(list), err)
		}
		for i, d := range drafts {
			byID := st.byID(d.ID)
			byClient, err := clientVersion(st, fmt.Sprint("client", i))
			if byID.ID != list[0].ID || byClient.ID != list[0].ID || err != nil || got[i].ID != list[0].ID || byID.State != ballast.ArtifactCommitted {
				t.Errorf("draft %d became %d, by id %d, by client %d, %v, want %d", d.ID, got[i].ID, byID.ID, byClient.ID, err, list[0].ID)
			}
			if again, err := st.room.Commit(t.Context(), byID); err != nil || again.ID != list[0].ID {
				t.Errorf("committed again: %d, %v", again.ID, err)
			}
		}
		var aliases, tags []string
		var logged []ballast.Artifact
		err = st.db.Read(t.Context(), func(tx *meta.Tx) error {
			all, err := tx.AliasesOf(list[0].ID, 0)
			for _, a := range all {
				aliases = append(aliases, a.Alias)
			}
			if err == nil {
				tags, err = tx.ArtifactTags(list[0].ID, 0)
			}
			if err == nil {
				logged, err = tx.RunArtifacts(st.run.ID, true)
			}
			return err
		})
		slices.Sort(aliases)
		want := []string{"by0", "by1", "by2", "by3", "by4", "by5", "latest"}
		if diff := gocmp.Diff(want, aliases); diff != "" || err != nil || len(tags) != writers || len(logged) != 1 {
			t.Errorf("aliases (-want +got):\n%s tags %q, %d versions of the run, %v", diff, tags, len(logged), err)
		}
		// A draft that asks for a version of its own gets one.
		own := st.ready(files, artifact.Draft{})
		if v, err := st.room.Commit(t.Context(), own); err != nil || v.Version != 1 || v.ID != own.ID {
			t.Errorf("version %d of id %d, %v", v.Version, v.ID, err)
		}
	})
}

func clientVersion(st *stage, client string) (a ballast.Artifact, err error) {
	err = st.db.Read(context.Background(), func(tx *meta.Tx) error {
		a, err = tx.ArtifactByClient(client)
		return err
	})
	return a, err
}

// TestCommitWhileDelete: of a commit and a delete at once, one comes first;
// either way the version is deleted wholly, and the commit says so when it came
// second.
func TestCommitWhileDelete(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		st := newStageOn(t, db)
		for i := range 20 {
			a := st.ready(map[string]string{"a": fmt.Sprint("round ", i)}, artifact.Draft{Dedupe: true})
			var wg sync.WaitGroup
			var committed, deleted error
			wg.Go(func() { _, committed = st.room.Commit(context.Background(), a) })
			wg.Go(func() { deleted = st.room.Delete(context.Background(), a, true) })
			wg.Wait()
			if deleted != nil || committed != nil && !ballast.Is(committed, ballast.Conflict) {
				t.Fatalf("commit: %v, delete: %v", committed, deleted)
			}
			if now := st.byID(a.ID); now.State != ballast.ArtifactDeleted {
				t.Fatalf("round %d: the version is %s, commit said %v", i, now.State, committed)
			}
			if list, err := st.room.Versions(t.Context(), a.CollectionID, artifact.List{}); err != nil || len(list) != 0 {
				t.Fatalf("round %d: %d versions are left, %v", i, len(list), err)
			}
			if _, err := st.room.Lookup(t.Context(), a.CollectionID, "latest"); !ballast.Is(err, ballast.NotFound) {
				t.Fatalf("round %d: latest: %v", i, err)
			}
		}
	})
}

// TestLinkWhileDelete: no link to a deleted version stays.
func TestLinkWhileDelete(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		st := newStageOn(t, db)
		for i := range 10 {
			v, _ := st.log(map[string]string{"a": fmt.Sprint("round ", i)})
			var shelf ballast.Collection
			err := db.Write(t.Context(), "test", func(tx *meta.Tx) (err error) {
				shelf, err = tx.EnsureCollection(ballast.Collection{ProjectID: st.p.ID, TypeID: v.Collection.TypeID, Name: "shelf", Portfolio: true}, "", time.Now())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var linked error
			wg.Go(func() {
				linked = db.Write(context.Background(), "link", func(tx *meta.Tx) error {
					_, err := tx.Link(shelf.ID, v.ID, []string{"gold"}, time.Now())
					return err
				})
			})
			wg.Go(func() {
				if err := st.room.Delete(context.Background(), v, true); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if linked != nil && !ballast.Is(linked, ballast.Conflict) {
				t.Fatal(linked)
			}
			if _, err := st.room.Lookup(t.Context(), shelf.ID, "gold"); !ballast.Is(err, ballast.NotFound) {
				t.Fatalf("round %d: the link is left: %v", i, err)
			}
		}
	})
}

// TestDeleteRunWithDraft: a run's drafts go with its artifacts.
func TestDeleteRunWithDraft(t *testing.T) {
	st := newStage(t)
	v, _ := st.log(map[string]string{"a": "1"})
	draft := st.ready(map[string]string{"a": "2"}, artifact.Draft{Dedupe: true})
	err := st.db.Write(t.Context(), "test", func(tx *meta.Tx) error { return tx.DeleteArtifactsOf(st.run.ID, time.Now()) })
	if err != nil {
		t.Fatal(err)
	}
	if got := st.byID(v.ID).State; got != ballast.ArtifactDeleted {
		t.Errorf("the version is %s", got)
	}
	if _, err := st.room.Commit(t.Context(), draft); !ballast.Is(err, ballast.Conflict) {
		t.Errorf("the draft was committed: %v", err)
	}
}

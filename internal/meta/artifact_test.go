package meta_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// shelf is a project with the sequence "data".
type shelf struct {
	t    *testing.T
	db   *meta.DB
	user ballast.User
	p    ballast.Project
	run  ballast.Run
	c    ballast.Collection
}

func newShelf(t *testing.T, db *meta.DB) *shelf {
	t.Helper()
	s := &shelf{t: t, db: db}
	s.write(func(tx *meta.Tx) (err error) {
		if s.user, err = tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, ""); err != nil {
			return err
		}
		if s.p, _, err = tx.EnsureProject(s.user.EntityID, "p", s.user.ID, time.Now()); err != nil {
			return err
		}
		if s.run, err = tx.CreateRun(ballast.Run{ProjectID: s.p.ID, Name: "r", UserID: s.user.ID}); err != nil {
			return err
		}
		k, err := tx.EnsureArtifactType(s.p.ID, "dataset", "", time.Now())
		if err != nil {
			return err
		}
		s.c, err = tx.EnsureCollection(ballast.Collection{ProjectID: s.p.ID, TypeID: k.ID, Name: "data"}, "sequence-client", time.Now())
		return err
	})
	return s
}

func (s *shelf) write(fn func(*meta.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), "test", fn); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) commit(digest string, wanted ...string) (a ballast.Artifact) {
	s.t.Helper()
	s.write(func(tx *meta.Tx) (err error) {
		a, err = tx.CreateArtifact(ballast.Artifact{CollectionID: s.c.ID, Digest: digest, UserID: s.user.ID, RunID: s.run.ID, ClientID: "client-" + digest,
			HistoryStep: -1, TTL: ballast.TTLInherit, Wanted: wanted, Created: time.Now()})
		if err != nil {
			return err
		}
		a.Bytes, a.Files, a.ManifestID = 7, 2, 9
		a, err = tx.CommitArtifact(a, time.Now())
		return err
	})
	return a
}

// names are the aliases of versions in a collection: alias to version.
func (s *shelf) names(collectionID int64) map[string]int64 {
	s.t.Helper()
	out := map[string]int64{}
	s.write(func(tx *meta.Tx) error {
		all, err := tx.Aliases(collectionID, "", 100)
		for _, a := range all {
			m, err := tx.MemberByAlias(collectionID, a.Alias)
			if err != nil {
				return err
			}
			out[a.Alias] = m.Version
		}
		return err
	})
	return out
}

// events are what the aliases of a version did, the newest first.
func (s *shelf) events(a ballast.Artifact) (out []string) {
	s.t.Helper()
	for _, e := range get(s.t, s.db, func(tx *meta.Tx) ([]ballast.AliasEvent, error) { return tx.AliasEvents(a.ID, a.CollectionID, 10) }) {
		out = append(out, e.Alias+map[bool]string{true: " came", false: " left"}[e.Given])
	}
	return out
}

func TestArtifactVersions(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newShelf(t, db)
		v0, v1 := s.commit("d0", "best", "old"), s.commit("d1", "best")
		if v0.Version != 0 || v1.Version != 1 || v1.State != ballast.ArtifactCommitted || v1.Bytes != 7 || v1.Files != 2 || v1.ManifestID != 9 || v1.Collection.Name != "data" {
			t.Errorf("%+v and %+v", v0, v1)
		}
		if diff := cmp.Diff(map[string]int64{"best": 1, "old": 0, "latest": 1}, s.names(s.c.ID)); diff != "" {
			t.Errorf("aliases (-want +got):\n%s", diff)
		}
		for _, v := range []struct {
			version ballast.Artifact
			want    []string
		}{{v0, []string{"best left", "old came", "best came"}}, {v1, []string{"best came"}}} {
			if diff := cmp.Diff(v.want, s.events(v.version)); diff != "" {
				t.Errorf("what aliases of version %d did (-want +got):\n%s", v.version.Version, diff)
			}
		}
		s.write(func(tx *meta.Tx) error {
			for _, client := range []string{"client-d1", "sequence-client"} {
				if a, err := tx.ArtifactByClient(client); err != nil || a.ID != v1.ID {
					t.Errorf("%s is %d, %v", client, a.ID, err)
				}
			}
			if a, err := tx.ArtifactByDigest(s.c.ID, "d0"); err != nil || a.ID != v0.ID {
				t.Errorf("d0 is %d, %v", a.ID, err)
			}
			if out, err := tx.RunArtifacts(s.run.ID, true); err != nil || len(out) != 2 || out[0].ID != v0.ID {
				t.Errorf("the run logged %v, %v", out, err)
			}
			again, err := tx.CommitArtifact(v1, time.Now())
			if err != nil || again.Version != 1 {
				t.Errorf("committing again: version %d, %v", again.Version, err)
			}
			return nil
		})
		// The newest that remains is the latest, and numbers are not used again.
		s.write(func(tx *meta.Tx) error { return tx.DeleteArtifact(v1, time.Now()) })
		if diff := cmp.Diff(map[string]int64{"old": 0, "latest": 0}, s.names(s.c.ID)); diff != "" {
			t.Errorf("aliases after a delete (-want +got):\n%s", diff)
		}
		if v2 := s.commit("d1"); v2.Version != 2 {
			t.Errorf("the next version is %d, want 2", v2.Version)
		}
		err := db.Write(t.Context(), "test", func(tx *meta.Tx) error { _, err := tx.CommitArtifact(v1, time.Now()); return err })
		if !ballast.Is(err, ballast.Conflict) {
			t.Errorf("committing what was deleted: %v, want Conflict", err)
		}
	})
}

func TestArtifactLinks(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newShelf(t, db)
		v0, v1 := s.commit("d0"), s.commit("d1")
		var shelf ballast.Collection
		s.write(func(tx *meta.Tx) (err error) {
			shelf, err = tx.EnsureCollection(ballast.Collection{ProjectID: s.p.ID, TypeID: s.c.TypeID, Name: "shelf", Portfolio: true}, "", time.Now())
			if err != nil {
				return err
			}
			for i, a := range []ballast.Artifact{v1, v0, v1} { // v1 twice: it keeps its place
				m, err := tx.Link(shelf.ID, a.ID, []string{"gold"}, time.Now())
				if err != nil {
					return err
				}
				if want := int64(i % 2); m.Version != want || m.Collection.Name != "shelf" {
					t.Errorf("link %d is %+v", i, m)
				}
			}
			return nil
		})
		if diff := cmp.Diff(map[string]int64{"gold": 0, "latest": 1}, s.names(shelf.ID)); diff != "" {
			t.Errorf("aliases (-want +got):\n%s", diff)
		}
		s.write(func(tx *meta.Tx) error {
			places, err := tx.ArtifactMembers(v1.ID)
			if err != nil || len(places) != 2 || places[0].Collection.ID != s.c.ID {
				t.Errorf("v1 is in %v, %v", places, err)
			}
			return tx.Unlink(shelf.ID, v0.ID, time.Now())
		})
		if diff := cmp.Diff(map[string]int64{"gold": 0, "latest": 0}, s.names(shelf.ID)); diff != "" {
			t.Errorf("aliases after unlinking (-want +got):\n%s", diff)
		}
		// Deleting the sequence takes its versions out of the portfolio.
		s.write(func(tx *meta.Tx) error { return tx.DeleteCollection(s.c.ID, time.Now()) })
		if n := s.names(shelf.ID); len(n) != 0 {
			t.Errorf("the portfolio still has %v", n)
		}
		s.write(func(tx *meta.Tx) error {
			if a, err := tx.Artifact(v1.ID); err != nil || a.State != ballast.ArtifactDeleted {
				t.Errorf("v1 is %s, %v", a.State, err)
			}
			c, err := tx.EnsureCollection(ballast.Collection{ProjectID: s.p.ID, TypeID: s.c.TypeID, Name: "data"}, "", time.Now())
			if err != nil || c.ID == s.c.ID {
				t.Errorf("the name is not free again: %d, %v", c.ID, err)
			}
			return nil
		})
	})
}

func TestArtifactCollections(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newShelf(t, db)
		var other ballast.ArtifactType
		s.write(func(tx *meta.Tx) (err error) {
			other, err = tx.EnsureArtifactType(s.p.ID, "model", "text", time.Now())
			return err
		})
		for name, want := range map[string]ballast.Collection{
			"another type": {ProjectID: s.p.ID, TypeID: other.ID, Name: "data"},
			"another sort": {ProjectID: s.p.ID, TypeID: s.c.TypeID, Name: "data", Portfolio: true},
		} {
			err := db.Write(t.Context(), "test", func(tx *meta.Tx) error { _, err := tx.EnsureCollection(want, "", time.Now()); return err })
			if !ballast.Is(err, ballast.Conflict) {
				t.Errorf("%s: %v, want Conflict", name, err)
			}
		}
		s.write(func(tx *meta.Tx) error {
			for _, tag := range []string{"b", "a", "b"} {
				if err := tx.AddArtifactTag(0, s.c.ID, tag); err != nil {
					return err
				}
			}
			if tags, err := tx.ArtifactTags(0, s.c.ID); err != nil || !cmp.Equal(tags, []string{"a", "b"}) {
				t.Errorf("tags %q, %v", tags, err)
			}
			if err := tx.RemoveArtifactTag(0, s.c.ID, "a"); err != nil {
				return err
			}
			c := s.c
			c.Name, c.Description, c.TypeID = "renamed", "what it holds", other.ID
			if err := tx.UpdateCollection(c, time.Now()); err != nil {
				return err
			}
			got, err := tx.CollectionByName(s.p.ID, "renamed")
			if err != nil || got.Type != "model" || got.Description != "what it holds" || got.Entity != "ada" {
				t.Errorf("%+v, %v", got, err)
			}
			all, err := tx.Collections(s.p.ID, s.c.TypeID)
			if len(all) != 0 {
				t.Errorf("the old type still has %v", all)
			}
			return err
		})
	})
}

func TestContents(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newShelf(t, db)
		first, second := string(make([]byte, 16)), "0123456789abcdef"
		s.write(func(tx *meta.Tx) error {
			for range 2 { // what is expected already keeps its object
				for i, d := range []string{first, second} {
					object := "artifacts/1/" + string(rune('a'+i))
					if have, err := tx.Contents(s.user.EntityID, []string{d}); err != nil || len(have) > 0 {
						object += "-again"
					}
					if err := tx.ExpectContent([]ballast.Content{{EntityID: s.user.EntityID, MD5: []byte(d), Object: object}}, time.Now()); err != nil {
						return err
					}
				}
			}
			return tx.StoredContent("artifacts/1/b", 5)
		})
		s.write(func(tx *meta.Tx) error {
			got, err := tx.Contents(s.user.EntityID, []string{first, second, "fedcba9876543210"})
			if len(got) != 2 || got[first].Bytes != -1 || got[second].Bytes != 5 || got[second].Object != "artifacts/1/b" {
				t.Errorf("%+v", got)
			}
			if none, _ := tx.Contents(s.user.EntityID+1, []string{second}); len(none) != 0 {
				t.Errorf("another entity has %v", none)
			}
			return err
		})
	})
}

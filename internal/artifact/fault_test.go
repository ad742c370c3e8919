package artifact_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// picture is all that clients can see of a version and its collection.
type picture struct {
	State     ballast.ArtifactState
	Version   int64
	Versions  int
	Latest    int64 // id
	Aliases   []string
	Tags      []string
	Members   int
	Logged    bool
	Files     map[string]string
	HasObject bool
}

func (st *stage) picture(id int64) (p picture) {
	st.t.Helper()
	defer func() { slices.Sort(p.Aliases) }()
	a := st.byID(id)
	p.State, p.Version = a.State, a.Version
	list, err := st.room.Versions(context.Background(), a.CollectionID, artifact.List{})
	if err != nil {
		st.t.Fatal(err)
	}
	p.Versions = len(list)
	if m, err := st.room.Lookup(context.Background(), a.CollectionID, ""); err == nil {
		p.Latest = m.ArtifactID
	}
	err = st.db.Read(context.Background(), func(tx *meta.Tx) error {
		names, err := tx.AliasesOf(id, 0)
		for _, n := range names {
			p.Aliases = append(p.Aliases, n.Alias)
		}
		if err == nil {
			p.Tags, err = tx.ArtifactTags(id, 0)
		}
		members, e := tx.ArtifactMembers(id)
		p.Members = len(members)
		logged, e2 := tx.RunArtifacts(st.run.ID, true)
		for _, l := range logged {
			p.Logged = p.Logged || l.ID == id
		}
		return errors.Join(err, e, e2)
	})
	if err != nil {
		st.t.Fatal(err)
	}
	if a.State == ballast.ArtifactCommitted {
		p.Files = st.paths(a)
		p.HasObject = true
		files, _, err := st.room.Files(context.Background(), a, nil, "", 10)
		if err != nil {
			st.t.Fatal(err)
		}
		for _, f := range files {
			if _, err := st.bucket.Stat(context.Background(), f.Content.Object); err != nil {
				p.HasObject = false
			}
		}
	}
	return p
}

// statements are the places between the statements of a commit and of a
// delete: before and after each change of each table.
func statements() (all []string) {
	for _, table := range []string{"artifact", "artifact_member", "artifact_alias", "artifact_tag", "artifact_use", "artifact_collection", "artifact_manifest"} {
		for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
			for _, when := range []string{"BEFORE", "AFTER"} {
				all = append(all, when+" "+op+" ON "+table)
			}
		}
	}
	return all
}

// TestBrokenStatements breaks a commit and a delete at each statement: what is
// seen then is what was there before, whole, and the next try does all of it.
func TestBrokenStatements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.db")
	db, err := meta.Open(t.Context(), meta.Options{SQLite: path, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	st := newStageOn(t, db)
	first, _ := st.log(map[string]string{"a": "the first"}, "best")
	hit := map[string]int{}
	// broken acts with a fault at a place and returns whether it was hit.
	broken := func(name, at string, id int64, act func() error) {
		t.Helper()
		before := st.picture(id)
		if _, err := raw.Exec("CREATE TRIGGER broken " + at + " BEGIN SELECT RAISE(ABORT, 'broken for the test'); END"); err != nil {
			t.Fatal(err)
		}
		err := act()
		if _, e := raw.Exec("DROP TRIGGER broken"); e != nil {
			t.Fatal(e)
		}
		if err == nil {
			return // it has no such statement
		}
		hit[name]++
		if diff := gocmp.Diff(before, st.picture(id)); diff != "" {
			t.Errorf("%s broken %s left (-before +after):\n%s", name, at, diff)
		}
	}
	for i, at := range statements() {
		text := fmt.Sprint("version ", i)
		a := st.ready(map[string]string{"a": text}, artifact.Draft{Dedupe: true, Aliases: []string{"best"}, Tags: []string{"t"}})
		commit := func() error { _, err := st.room.Commit(t.Context(), a); return err }
		broken("commit", at, a.ID, commit)
		if err := commit(); err != nil {
			t.Fatal(err)
		}
		want := picture{State: ballast.ArtifactCommitted, Version: int64(i + 1), Versions: 2, Latest: a.ID, Aliases: []string{"best", "latest"}, Tags: []string{"t"}, Members: 1, Logged: true,
			Files: map[string]string{"a": b64(text)}, HasObject: true}
		if diff := gocmp.Diff(want, st.picture(a.ID)); diff != "" {
			t.Fatalf("committed after a fault %s (-want +got):\n%s", at, diff)
		}
		remove := func() error { return st.room.Delete(t.Context(), a, true) }
		broken("delete", at, a.ID, remove)
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(picture{State: ballast.ArtifactDeleted, Version: int64(i + 1), Versions: 1, Latest: first.ID}, st.picture(a.ID)); diff != "" {
			t.Fatalf("deleted after a fault %s (-want +got):\n%s", at, diff)
		}
	}
	if hit["commit"] < 10 || hit["delete"] < 8 {
		t.Errorf("the faults hit %v times: the statements are others now", hit)
	}
}

// brokenBucket fails the call that comes after some others.
type brokenBucket struct {
	blob.Bucket
	left  int  // calls that work
	after bool // the call is done, and its reply is lost
}

var errBroken = ballast.Errorf(ballast.Unavailable, "broken for the test")

func (b *brokenBucket) fail() bool { b.left--; return b.left == -1 }

func (b *brokenBucket) Get(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	if b.fail() {
		return nil, errBroken
	}
	return b.Bucket.Get(ctx, name, off, n)
}

func (b *brokenBucket) Stat(ctx context.Context, name string) (blob.Info, error) {
	if b.fail() {
		return blob.Info{}, errBroken
	}
	return b.Bucket.Stat(ctx, name)
}

func (b *brokenBucket) Put(ctx context.Context, name string, r io.Reader, size int64) (blob.Info, error) {
	failed := b.fail()
	if failed && !b.after {
		return blob.Info{}, errBroken
	}
	info, err := b.Bucket.Put(ctx, name, r, size)
	if failed {
		err = errBroken
	}
	return info, err
}

// TestBrokenStore breaks a commit at each of its calls to the store: the fault
// is a passing one, the draft stays, and the next try commits.
func TestBrokenStore(t *testing.T) {
	for _, after := range []bool{false, true} {
		st := newStage(t)
		base, _ := st.log(map[string]string{"a": "1", "b": "2"})
		more := map[string]string{"b": "changed"}
		text, digest := manifestOf(more)
		var calls int
		for left := 0; ; left++ {
			a := st.create(artifact.Draft{Digest: digest})
			st.send(a, more)
			st.manifest(a, ballast.ManifestIncremental, base.ID, text)
			broken := &brokenBucket{Bucket: st.bucket, left: left, after: after}
			room := artifact.New(st.db, artifact.Options{Stores: map[int]blob.Bucket{0: broken}})
			_, err := room.Commit(t.Context(), a)
			if err == nil {
				break
			}
			calls++
			if !ballast.Is(err, ballast.Unavailable) {
				t.Errorf("call %d: %v, want Unavailable", left, err)
			}
			if now := st.byID(a.ID); now.State != ballast.ArtifactPending {
				t.Errorf("call %d: the draft is %s", left, now.State)
			}
			v, err := room.Commit(t.Context(), a)
			if err != nil {
				t.Fatalf("call %d, again: %v", left, err)
			}
			if diff := gocmp.Diff(map[string]string{"a": b64("1"), "b": b64("changed")}, st.paths(v)); diff != "" {
				t.Errorf("call %d: files (-want +got):\n%s", left, diff)
			}
		}
		if calls < 3 {
			t.Errorf("only %d calls were broken", calls)
		}
	}
}

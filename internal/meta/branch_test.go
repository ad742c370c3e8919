package meta_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// belongings drives a run's files through forks and rewinds.
type belongings struct {
	t  *testing.T
	db *meta.DB
	n  int
}

// store puts a file of the name, in an object of its own, and returns that.
func (b *belongings) store(run int64, name string) string {
	b.t.Helper()
	b.n++
	object := fmt.Sprintf("runs/%d/%d", run, b.n)
	write(b.t, b.db, func(tx *meta.Tx) error {
		if err := tx.CreateUpload(object, 0, run, name, start); err != nil {
			return err
		}
		_, err := tx.FinishUpload(object, 1, nil, "", start)
		return err
	})
	return object
}

func (b *belongings) names(run int64) string {
	b.t.Helper()
	var names []string
	for _, f := range get(b.t, b.db, func(tx *meta.Tx) ([]ballast.File, error) { return tx.Files(run, meta.FileQuery{}) }) {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func (b *belongings) rows(run int64, from, to int) {
	send(b.t, b.db, start, meta.Append{Run: run, History: textRows(int64(from), numbered("row", from, to)...)})
}

func (b *belongings) fork(parent, child int64, m meta.Moment) {
	b.t.Helper()
	write(b.t, b.db, func(tx *meta.Tx) error {
		if err := tx.ForkRows(parent, child, m.Rows, start); err != nil {
			return err
		}
		return tx.ForkBelongings(parent, child, m, start)
	})
}

// garbage are the objects of files that the collector would take.
func (b *belongings) garbage() string {
	b.t.Helper()
	var names []string
	write(b.t, b.db, func(tx *meta.Tx) error {
		names = nil
		all, _, err := tx.Garbage(time.Now().Add(time.Hour), "", 1000)
		for _, o := range all {
			names = append(names, o.Name)
		}
		return err
	})
	return strings.Join(names, " ")
}

func TestForkedFiles(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		b := &belongings{t: t, db: db}
		p, c, g := newRun(t, db, "p"), newRun(t, db, "c"), newRun(t, db, "g")
		early := b.store(p, "early.txt")
		b.store(p, "replaced.txt")
		b.rows(p, 0, 10)
		for _, name := range []string{"ten.txt", "output.log", "logs/0.log", "config.yaml", "code/train.py", "media/images/a_b_9_0123456789abcdef0123.png",
			"media/images/late_11_0123456789abcdef0123.png", "media/table/t/x_3_0a.table.json", "media/by-hand.png"} {
			b.store(p, name)
		}
		b.rows(p, 10, 20)
		b.store(p, "late.txt")
		b.store(p, "replaced.txt")
		b.store(p, "media/images/behind_4_0123456789abcdef0123.png")

		b.fork(p, c, meta.Moment{Rows: 10, Step: 9})
		want := "code/train.py early.txt media/by-hand.png media/images/a_b_9_0123456789abcdef0123.png media/images/behind_4_0123456789abcdef0123.png media/table/t/x_3_0a.table.json ten.txt"
		if diff := cmp.Diff(want, b.names(c)); diff != "" {
			t.Errorf("the fork's files (-want +got):\n%s", diff)
		}
		// A fork of the fork, behind what it inherited; its own file is there, one
		// stored after its first row is not.
		b.store(c, "own.txt")
		b.rows(c, 0, 5)
		b.store(c, "later.txt")
		b.fork(c, g, meta.Moment{Rows: 10, Step: 9})
		if diff := cmp.Diff(strings.Replace(want, " ten.txt", " own.txt ten.txt", 1), b.names(g)); diff != "" {
			t.Errorf("the fork of the fork (-want +got):\n%s", diff)
		}
		// The parent loses its file and is deleted: the object is the forks' still.
		write(t, db, func(tx *meta.Tx) error {
			f, err := tx.FileByName(p, "early.txt")
			if err != nil {
				return err
			}
			if err := tx.DeleteFiles([]int64{f.ID}); err != nil {
				return err
			}
			return tx.DeleteRun(p, start)
		})
		if got := b.garbage(); strings.Contains(got+" ", early+" ") || !strings.HasSuffix(got, "/2") {
			t.Errorf("garbage: %q, want only the replaced file", got)
		}
		for _, run := range []int64{c, g} {
			write(t, db, func(tx *meta.Tx) error {
				f, err := tx.FileByName(run, "early.txt")
				if err != nil {
					return err
				}
				return tx.DeleteFiles([]int64{f.ID})
			})
		}
		if got := b.garbage(); !strings.Contains(got, early) {
			t.Errorf("nobody names %s any more, garbage is %q", early, got)
		}
	})
}

func TestRewoundFiles(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		b := &belongings{t: t, db: db}
		r := newRun(t, db, "r")
		b.store(r, "first.txt")
		b.rows(r, 0, 10)
		late := b.store(r, "late.txt")
		b.store(r, "media/images/a_7_0123456789abcdef0123.png")
		b.store(r, "media/images/a_2_0123456789abcdef0123.png")
		b.store(r, "output.log")
		rewind := func(m meta.Moment) {
			t.Helper()
			write(t, db, func(tx *meta.Tx) error {
				if err := tx.RewindBelongings(r, m, start); err != nil {
					return err
				}
				_, err := tx.RewindRows(r, m.Rows, start)
				return err
			})
		}
		rewind(meta.Moment{Rows: 5, Step: 4})
		if diff := cmp.Diff("first.txt media/images/a_2_0123456789abcdef0123.png output.log", b.names(r)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := b.garbage(); got != "" {
			t.Errorf("garbage: %s, but they can be brought back", got)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DropAside(start.Add(time.Hour)) })
		if got := b.garbage(); !strings.Contains(got, late) {
			t.Errorf("after the undelete window: garbage %q, want %s", got, late)
		}
		rewind(meta.Moment{Rows: 0, Step: -1})
		got := get(t, db, func(tx *meta.Tx) (map[int64][]ballast.Branch, error) { return tx.Branches(r, 999) })
		var steps []int64
		for _, branch := range got[r] {
			if !branch.Rewind() || branch.Gone || branch.Name != "r" {
				t.Errorf("%+v", branch)
			}
			steps = append(steps, branch.Step)
		}
		if diff := cmp.Diff([]int64{4, -1}, steps); diff != "" || len(got) != 1 {
			t.Errorf("branches %+v:\n%s", got, diff)
		}
	})
}

// TestFilesOfAScriptThatStartsAgain: the files of a run whose script began anew
// stay, and count as there from its beginning.
func TestFilesOfAScriptThatStartsAgain(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		b := &belongings{t: t, db: db}
		r, c := newRun(t, db, "r"), newRun(t, db, "c")
		b.rows(r, 0, 10)
		b.store(r, "kept.txt")
		send(t, db, start, meta.Append{Run: r, History: textRows(0, "again0", "again1")})
		b.fork(r, c, meta.Moment{Rows: 1, Step: 0})
		if got := b.names(c); got != "kept.txt" {
			t.Errorf("files of the fork: %q", got)
		}
	})
}

func TestBranchedArtifacts(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		s := newShelf(t, db)
		child := newRunOf(t, s, "child")
		first := s.commit("d0")
		b := &belongings{t: t, db: db}
		b.rows(s.run.ID, 0, 5)
		second := s.commit("d1")
		s.write(func(tx *meta.Tx) error { return tx.UseArtifact(s.run.ID, first.ID, false, "", start) })
		list := func(run int64, output bool) (ids []int64) {
			t.Helper()
			for _, a := range get(t, db, func(tx *meta.Tx) ([]ballast.Artifact, error) { return tx.RunArtifacts(run, output) }) {
				ids = append(ids, a.ID)
			}
			return ids
		}
		check := func(what string, run int64, logged, used []int64) {
			t.Helper()
			if diff := cmp.Diff([][]int64{logged, used}, [][]int64{list(run, true), list(run, false)}); diff != "" {
				t.Errorf("%s, logged and used (-want +got):\n%s", what, diff)
			}
		}
		check("parent", s.run.ID, []int64{first.ID, second.ID}, []int64{first.ID})
		b.fork(s.run.ID, child, meta.Moment{Rows: 3, Step: 2})
		check("fork", child, []int64{first.ID}, nil)
		s.write(func(tx *meta.Tx) error {
			return tx.RewindBelongings(s.run.ID, meta.Moment{Rows: 3, Step: 2}, start)
		})
		check("rewound", s.run.ID, []int64{first.ID}, nil)
		// Deleting the fork with its artifacts spares what its parent made.
		s.write(func(tx *meta.Tx) error { return tx.DeleteArtifactsOf(child, start) })
		check("after the fork's were deleted", s.run.ID, []int64{first.ID}, nil)
	})
}

func newRunOf(t *testing.T, s *shelf, name string) (id int64) {
	t.Helper()
	s.write(func(tx *meta.Tx) error {
		r, err := tx.CreateRun(ballast.Run{ProjectID: s.p.ID, Name: name, UserID: s.user.ID})
		id = r.ID
		return err
	})
	return id
}

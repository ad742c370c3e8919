package meta_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestProject(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		p := newProject(t, db, u.EntityID, "MNIST")
		if p.Entity != "ada" || !p.Created.Equal(start) {
			t.Errorf("created %+v", p)
		}
		write(t, db, func(tx *meta.Tx) error {
			again, created, err := tx.EnsureProject(u.EntityID, "MNIST", u.ID, start)
			if again.ID != p.ID || created {
				t.Errorf("a second time: %+v, created %v", again, created)
			}
			return err
		})
		if other := newProject(t, db, u.EntityID, "mnist"); other.ID == p.ID {
			t.Error("names of projects are compared without case")
		}
		newProject(t, db, u.EntityID, "a")
		names := func(after string) (all []string) {
			for _, p := range get(t, db, func(tx *meta.Tx) ([]ballast.Project, error) { return tx.Projects(u.EntityID, after, 10) }) {
				all = append(all, p.Name)
			}
			return all
		}
		if diff := cmp.Diff([]string{"a", "mnist"}, names("MNIST")); diff != "" {
			t.Errorf("projects after MNIST (-want +got):\n%s", diff)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.UpdateProject(p.ID, "digits") })
		if got := get(t, db, func(tx *meta.Tx) (ballast.Project, error) { return tx.Project(p.ID) }); got.Description != "digits" {
			t.Errorf("description %q", got.Description)
		}
		run := addRun(t, db, ballast.Run{ProjectID: p.ID, Name: "r"})
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteProject(p.ID, start) })
		missing(t, db, func(tx *meta.Tx) (ballast.Project, error) { return tx.Project(p.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(run.ID) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.DeleteProject(p.ID, start) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { _, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "x"}); return err })
		if again := newProject(t, db, u.EntityID, "MNIST"); again.ID == p.ID || again.RunCount != 0 {
			t.Errorf("made again: %+v", again)
		}
		var org ballast.Entity
		write(t, db, func(tx *meta.Tx) (err error) { org, err = tx.CreateEntity("acme", ballast.Organization, 0); return err })
		for name, entity := range map[string]int64{"p": org.ID, "a:b": u.EntityID, "": u.EntityID, " p": u.EntityID} {
			refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { _, _, err := tx.EnsureProject(entity, name, u.ID, start); return err })
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { _, _, err := tx.EnsureProject(999, "p", u.ID, start); return err })
	})
}

// TestProjectAtOnce: however many make a project, it is one.
func TestProjectAtOnce(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		var wg sync.WaitGroup
		ids := make([]int64, 8)
		created := make([]bool, len(ids))
		for i := range ids {
			wg.Go(func() {
				err := db.Write(context.Background(), "ensure", func(tx *meta.Tx) error {
					p, c, err := tx.EnsureProject(u.EntityID, "p", u.ID, start)
					ids[i], created[i] = p.ID, c
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n := 0
		for i := range ids {
			if ids[i] != ids[0] || ids[i] == 0 {
				t.Fatalf("ids %v", ids)
			}
			if created[i] {
				n++
			}
		}
		if n != 1 {
			t.Errorf("created %d times", n)
		}
	})
}

// fullRun has every field that a client gives.
func fullRun(u ballast.User, p ballast.Project) ballast.Run {
	return ballast.Run{ProjectID: p.ID, Name: "a1b2", Display: "fancy-sun-1 🌞", Group: "g", JobType: "train", Notes: "n\x00otes",
		Tags: []string{"b", "a", `"quoted"`}, UserID: u.ID, Host: "h", Program: "train.py", Commit: "abc", Repo: "git@x:y", Sweep: "s",
		Config: []byte(`{"lr":{"value":NaN}}`), Started: true, Created: start,
		Live: ballast.Live{State: ballast.Running, Heartbeat: start.Add(time.Second)}}
}

func TestRun(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		p := newProject(t, db, u.EntityID, "p")
		r := addRun(t, db, fullRun(u, p))
		r.User = "ada"
		if r.Ordinal != 0 || r.Rev != 1 || r.Entity != "ada" || r.Project != "p" {
			t.Errorf("created %+v", r)
		}
		for how, look := range map[string]func(tx *meta.Tx) (ballast.Run, error){
			"by id":   func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) },
			"by name": func(tx *meta.Tx) (ballast.Run, error) { return tx.RunByName(p.ID, "a1b2") },
			"by ids": func(tx *meta.Tx) (ballast.Run, error) {
				all, err := tx.RunsByID([]int64{999, r.ID})
				if err != nil || len(all) != 1 {
					return ballast.Run{}, fmt.Errorf("%d runs: %w", len(all), err)
				}
				return all[0], nil
			},
		} {
			if diff := cmp.Diff(r, get(t, db, look)); diff != "" {
				t.Errorf("%s (-created +read):\n%s", how, diff)
			}
		}
		missing(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.RunByName(p.ID, "A1B2") })
		missing(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(999) })

		write(t, db, func(tx *meta.Tx) error {
			r, err := tx.Run(r.ID)
			if err != nil {
				return err
			}
			r.Display, r.Tags, r.Config, r.Notes = "other", nil, []byte("{}"), strings.Repeat("é", 70_000)
			return tx.UpdateRun(r)
		})
		got := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) })
		if got.Display != "other" || got.Tags != nil || string(got.Config) != "{}" || got.Rev != 2 || !got.Updated.After(r.Updated) || len(got.Notes) != 140_000 {
			t.Errorf("updated: display %q tags %v config %s rev %d", got.Display, got.Tags, got.Config, got.Rev)
		}
		if other := addRun(t, db, ballast.Run{ProjectID: p.ID, Name: "second"}); other.Ordinal != 1 || other.Live.State != ballast.Running || string(other.Config) != "{}" {
			t.Errorf("second run %+v", other)
		}
	})
}

func TestRunNames(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		p := newProject(t, db, u.EntityID, "p")
		r := addRun(t, db, ballast.Run{ProjectID: p.ID, Name: "r"})
		create := func(r ballast.Run) func(tx *meta.Tx) error {
			return func(tx *meta.Tx) error { _, err := tx.CreateRun(r); return err }
		}
		refused(t, db, ballast.Conflict, create(ballast.Run{ProjectID: p.ID, Name: "r"}))
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteRun(r.ID, start) })
		refused(t, db, ballast.Conflict, create(ballast.Run{ProjectID: p.ID, Name: "r"})) // never used again
		gone := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.RunByName(p.ID, "r") })
		if !gone.Deleted.Equal(start) || gone.Rev != 2 {
			t.Errorf("deleted run: %v, rev %d", gone.Deleted, gone.Rev)
		}
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteRun(r.ID, start.Add(time.Hour)) })
		write(t, db, func(tx *meta.Tx) error { return tx.UndeleteRun(r.ID) })
		if back := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) }); !back.Deleted.IsZero() || back.Rev != 3 {
			t.Errorf("undeleted run: %v, rev %d", back.Deleted, back.Rev)
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.DeleteRun(999, start) })
		long := strings.Repeat("x", 1025)
		for _, bad := range []ballast.Run{{Name: "a/b"}, {Name: ""}, {Name: strings.Repeat("x", 129)}, {Name: "n", Display: long}, {Name: "n", Group: long},
			{Name: "n", JobType: long}, {Name: "n", Host: long}, {Name: "n", Program: long}, {Name: "n", Repo: long}, {Name: "n", Commit: long}, {Name: "n", Sweep: long}} {
			bad.ProjectID = p.ID
			refused(t, db, ballast.Invalid, create(bad))
		}
		// The longest that fit do, in characters of four bytes.
		wide := strings.Repeat("🌞", 128)
		addRun(t, db, ballast.Run{ProjectID: p.ID, Name: wide, Display: strings.Repeat("🌞", 512), Program: strings.Repeat("🌞", 1024)})
		get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.RunByName(p.ID, wide) })
		// A refused run costs no ordinal.
		if r := addRun(t, db, ballast.Run{ProjectID: p.ID, Name: "z"}); r.Ordinal != 2 {
			t.Errorf("ordinal %d, want 2", r.Ordinal)
		}
	})
}

func TestRunsAtOnce(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		p := newProject(t, db, u.EntityID, "p")
		const n = 24
		var wg sync.WaitGroup
		seen := make([]bool, n)
		var mu sync.Mutex
		for i := range n {
			wg.Go(func() {
				var r ballast.Run
				err := db.Write(context.Background(), "create run", func(tx *meta.Tx) (err error) {
					r, err = tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprint("r", i)})
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if r.Ordinal >= n || seen[r.Ordinal] {
					t.Errorf("ordinal %d twice or too high", r.Ordinal)
					return
				}
				seen[r.Ordinal] = true
			})
		}
		wg.Wait()
	})
}

// TestUpdateRunAtOnce: of two who change different fields, neither is lost.
func TestUpdateRunAtOnce(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		r := addRun(t, db, ballast.Run{ProjectID: newProject(t, db, u.EntityID, "p").ID, Name: "r"})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := db.Write(context.Background(), "tag", func(tx *meta.Tx) error {
					run, err := tx.Run(r.ID)
					if err != nil {
						return err
					}
					run.Tags = append(run.Tags, fmt.Sprint(i))
					return tx.UpdateRun(run)
				})
				if err != nil && !ballast.Is(err, ballast.Unavailable) {
					t.Error(err)
				} else if err != nil {
					t.Log("gave up:", err)
				}
			})
		}
		wg.Wait()
		got := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) })
		if int64(len(got.Tags)) != got.Rev-1 || len(got.Tags) < 4 {
			t.Errorf("%d tags after %d changes", len(got.Tags), got.Rev-1)
		}
		// One who read it before another's change, in another transaction, is told.
		refused(t, db, ballast.Unavailable, func(tx *meta.Tx) error { return tx.UpdateRun(r) })
	})
}

func TestRunState(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		r := addRun(t, db, ballast.Run{ProjectID: newProject(t, db, u.EntityID, "p").ID, Name: "r"})
		later := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
		write(t, db, func(tx *meta.Tx) error {
			for _, err := range []error{tx.SetHeartbeat(r.ID, later), tx.SetHeartbeat(r.ID, start), tx.SetRunStop(r.ID, true), tx.SetRunState(r.ID, ballast.Failed, 3, later)} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		got := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) })
		want := ballast.Live{State: ballast.Failed, ExitCode: 3, Stop: true, Heartbeat: later, Changed: later}
		if diff := cmp.Diff(want, got.Live); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.SetRunState(999, ballast.Failed, 1, later) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.SetRunStop(999, true) })
	})
}

func TestSummary(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		r := addRun(t, db, ballast.Run{ProjectID: newProject(t, db, u.EntityID, "p").ID, Name: "r"})
		read := func() string {
			return string(get(t, db, func(tx *meta.Tx) ([]byte, error) { return tx.Summary(r.ID) }))
		}
		if got := read(); got != "{}" {
			t.Errorf("none: %s", got)
		}
		big := `{"a":"` + strings.Repeat("xyz", 1<<20) + `"}`
		for _, text := range []string{`{"loss":NaN}`, big, `{}`, `{"x":1}`} {
			write(t, db, func(tx *meta.Tx) error { return tx.SetSummary(r.ID, []byte(text)) })
			if got := read(); got != text {
				t.Errorf("%d bytes, want %d: %.60s", len(got), len(text), got)
			}
		}
		all := get(t, db, func(tx *meta.Tx) (map[int64][]byte, error) { return tx.Summaries([]int64{r.ID, 999}) })
		if diff := cmp.Diff(map[int64][]byte{r.ID: []byte(`{"x":1}`)}, all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := get(t, db, func(tx *meta.Tx) ([]byte, error) { return tx.SystemSummary(r.ID) }); !bytes.Equal(got, []byte("{}")) {
			t.Errorf("system: %s", got)
		}
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.SetSummary(999, []byte("{}")) })
	})
}

func TestRunsScan(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "ada")
		p := newProject(t, db, u.EntityID, "p")
		other := newProject(t, db, u.EntityID, "q")
		addRun(t, db, ballast.Run{ProjectID: other.ID, Name: "elsewhere"})
		runs := []ballast.Run{addRun(t, db, fullRun(u, p))}
		for i := range 4 {
			runs = append(runs, addRun(t, db, ballast.Run{ProjectID: p.ID, Name: fmt.Sprint("r", i), UserID: u.ID}))
		}
		write(t, db, func(tx *meta.Tx) error { return tx.SetSummary(runs[1].ID, []byte(`{"loss":1}`)) })
		type seen struct {
			Name, Summary, User, Config string
			Deleted                     bool
		}
		scan := func(s meta.RunScan) (all []seen) {
			t.Helper()
			err := db.Read(context.Background(), func(tx *meta.Tx) error {
				return tx.Runs(p.ID, s, func(r *ballast.Run, summary []byte) error {
					all = append(all, seen{r.Name, string(summary), r.User, string(r.Config), !r.Deleted.IsZero()})
					return nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		want := []seen{{"a1b2", "{}", "ada", `{"lr":{"value":NaN}}`, false}, {"r0", `{"loss":1}`, "ada", "{}", false},
			{"r1", "{}", "ada", "{}", false}, {"r2", "{}", "ada", "{}", false}, {"r3", "{}", "ada", "{}", false}}
		if diff := cmp.Diff(want, scan(meta.RunScan{})); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
		lean := append([]seen(nil), want...)
		lean[0].Config, lean[1].Summary = "{}", "{}"
		noConfig, noSummary := append([]seen(nil), want...), append([]seen(nil), want...)
		noConfig[0].Config, noSummary[1].Summary = "{}", "{}"
		for _, c := range []struct {
			scan meta.RunScan
			want []seen
		}{{meta.RunScan{NoConfig: true}, noConfig}, {meta.RunScan{NoSummary: true}, noSummary}, {meta.RunScan{Short: true}, want},
			{meta.RunScan{Short: true, NoConfig: true, NoSummary: true}, lean}, {meta.RunScan{Short: true, NoConfig: true, Since: start.Add(-time.Hour)}, noConfig}} {
			if diff := cmp.Diff(c.want, scan(c.scan)); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", c.scan, diff)
			}
		}
		if diff := cmp.Diff(lean, scan(meta.RunScan{Lean: true})); diff != "" {
			t.Errorf("lean (-want +got):\n%s", diff)
		}
		since := time.Now()
		time.Sleep(2 * time.Millisecond)
		write(t, db, func(tx *meta.Tx) error {
			r, err := tx.Run(runs[0].ID)
			if err != nil {
				return err
			}
			if err := tx.UpdateRun(r); err != nil {
				return err
			}
			if err := tx.SetRunState(runs[0].ID, ballast.Finished, 0, time.Now()); err != nil { // both ways: once
				return err
			}
			if err := tx.SetSummary(runs[1].ID, []byte(`{"loss":2}`)); err != nil {
				return err
			}
			return tx.DeleteRun(runs[3].ID, time.Now())
		})
		moved := []seen{want[0], want[1], want[3]}
		moved[1].Summary, moved[2].Deleted = `{"loss":2}`, true
		if diff := cmp.Diff(moved, scan(meta.RunScan{Since: since})); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		if left := scan(meta.RunScan{}); len(left) != 4 {
			t.Errorf("%d runs left, want 4", len(left))
		}
		stop := fmt.Errorf("enough")
		err := db.Read(context.Background(), func(tx *meta.Tx) error {
			return tx.Runs(p.ID, meta.RunScan{}, func(*ballast.Run, []byte) error { return ballast.Wrap(ballast.Gone, stop, "stop") })
		})
		if !ballast.Is(err, ballast.Gone) {
			t.Errorf("an error of each: %v", err)
		}
	})
}

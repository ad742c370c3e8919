package meta_test

import (
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestOldNamesLeadOn renames a project and moves a run, and looks both up by
// every name that they had.
func TestOldNamesLeadOn(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		ctx, at := t.Context(), time.UnixMicro(1_700_000_000_000_000).UTC()
		var user ballast.User
		var a, b, fresh ballast.Project
		var stays, moves ballast.Run
		step := func(what string, fn func(tx *meta.Tx) error) {
			t.Helper()
			if err := db.Write(ctx, what, fn); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		step("prepare", func(tx *meta.Tx) (err error) {
			if user, err = tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, ""); err != nil {
				return err
			}
			if a, _, err = tx.EnsureProject(user.EntityID, "a", user.ID, at); err != nil {
				return err
			}
			if b, _, err = tx.EnsureProject(user.EntityID, "b", user.ID, at); err != nil {
				return err
			}
			if stays, err = tx.CreateRun(ballast.Run{ProjectID: a.ID, Name: "stays", UserID: user.ID}); err != nil {
				return err
			}
			moves, err = tx.CreateRun(ballast.Run{ProjectID: a.ID, Name: "moves", UserID: user.ID})
			return err
		})
		step("rename", func(tx *meta.Tx) error { return tx.RenameProject(a.ID, "a2", at) })
		step("move", func(tx *meta.Tx) error { return tx.MoveRun(moves.ID, b.ID, at) })

		find := func(project, run string) (p ballast.Project, r ballast.Run) {
			t.Helper()
			step("find "+project+"/"+run, func(tx *meta.Tx) (err error) {
				if p, err = tx.ProjectByName(user.EntityID, project); err != nil {
					return err
				}
				r, err = tx.RunByName(p.ID, run)
				return err
			})
			return p, r
		}
		for _, old := range []string{"a", "a2"} {
			if p, r := find(old, "stays"); p.ID != a.ID || p.Name != "a2" || r.ID != stays.ID {
				t.Errorf("%s/stays is %s/%s", old, p.Name, r.Name)
			}
			if _, r := find(old, "moves"); r.ID != moves.ID || r.Project != "b" || r.Ordinal != 0 {
				t.Errorf("%s/moves is run %d in %s, ordinal %d", old, r.ID, r.Project, r.Ordinal)
			}
		}
		step("the old name again", func(tx *meta.Tx) (err error) {
			var made bool
			if fresh, made, err = tx.MakeProject(user.EntityID, "a", user.ID, at); err == nil && !made {
				t.Error("the name of before was not free")
			}
			return err
		})
		if p, r := find("a", "stays"); p.ID != fresh.ID || r.ID != stays.ID {
			t.Errorf("a/stays, with a new a, is project %d run %d", p.ID, r.ID)
		}
		err := db.Write(ctx, "taken", func(tx *meta.Tx) error { return tx.RenameProject(b.ID, "a", at) })
		if !ballast.Is(err, ballast.Conflict) {
			t.Errorf("renaming to a name that is taken: %v", err)
		}
		step("left", func(tx *meta.Tx) error {
			ids, err := tx.MovedFrom(a.ID, at.Add(-time.Second))
			if len(ids) != 1 || ids[0] != moves.ID {
				t.Errorf("left a: %v", ids)
			}
			return err
		})
		step("back", func(tx *meta.Tx) error { return tx.MoveRun(moves.ID, a.ID, at) })
		step("none left", func(tx *meta.Tx) error {
			ids, err := tx.MovedFrom(a.ID, at.Add(-time.Second))
			if len(ids) != 0 {
				t.Errorf("left a after it came back: %v", ids)
			}
			return err
		})
		if _, r := find("b", "moves"); r.ID != moves.ID || r.Project != "a2" {
			t.Errorf("b/moves is run %d in %s", r.ID, r.Project)
		}
		step("another", func(tx *meta.Tx) error {
			_, err := tx.CreateRun(ballast.Run{ProjectID: b.ID, Name: "stays", UserID: user.ID})
			return err
		})
		err = db.Write(ctx, "clash", func(tx *meta.Tx) error { return tx.MoveRun(stays.ID, b.ID, at) })
		if !ballast.Is(err, ballast.Conflict) {
			t.Errorf("moving to where the name is: %v", err)
		}
	})
}

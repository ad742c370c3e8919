package meta_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestHome: whose projects are a user's, what runs and fails in them, and what
// they add up to, on each database.
func TestHome(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		at := time.Now().UTC().Truncate(time.Second)
		var u ballast.User
		var team, other ballast.Entity
		var p, quiet ballast.Project
		ids := map[string]int64{}
		err := db.Write(t.Context(), "test", func(tx *meta.Tx) (err error) {
			if u, err = tx.CreateUser(ballast.User{Name: "mira", Email: "mira@example.com"}, ""); err != nil {
				return err
			}
			org, err := tx.CreateEntity("acme", ballast.Organization, 0)
			if err != nil {
				return err
			}
			if team, err = tx.CreateEntity("vision", ballast.Team, org.ID); err != nil {
				return err
			}
			if other, err = tx.CreateEntity("audio", ballast.Team, 0); err != nil {
				return err
			}
			if err := tx.SetMember(org.ID, u.ID, ballast.Admin); err != nil {
				return err
			}
			if p, _, err = tx.MakeProject(team.ID, "p", u.ID, at); err != nil {
				return err
			}
			if quiet, _, err = tx.MakeProject(u.EntityID, "quiet", u.ID, at.Add(-time.Hour)); err != nil {
				return err
			}
			if _, _, err = tx.MakeProject(other.ID, "hidden", 0, at); err != nil {
				return err
			}
			for name, state := range map[string]ballast.State{"live": ballast.Running, "bad": ballast.Failed, "gone": ballast.Finished} {
				run, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: name, UserID: u.ID, Created: at.Add(-2 * time.Hour)})
				if err == nil && state != ballast.Running {
					err = tx.EndRunAt(run.ID, state, 1, at.Add(-time.Hour))
				}
				if err != nil {
					return err
				}
				ids[name] = run.ID
			}
			return tx.DeleteRun(ids["gone"], at)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), func(tx *meta.Tx) error {
			owners, err := tx.OwnersOf(u)
			slices.Sort(owners)
			if err != nil || !slices.Equal(owners, []int64{u.EntityID, team.ID}) {
				t.Errorf("owners %v, %v; want %d and %d", owners, err, u.EntityID, team.ID)
			}
			for _, tt := range []struct{ pins, want []int64 }{{nil, []int64{p.ID, quiet.ID}}, {[]int64{quiet.ID}, []int64{quiet.ID, p.ID}}} {
				projects, err := tx.ActiveProjects(owners, tt.pins, 10)
				got := []int64{}
				for _, one := range projects {
					got = append(got, one.ID)
				}
				if err != nil || !slices.Equal(got, tt.want) {
					t.Errorf("projects with pins %v: %v, %v; want %v", tt.pins, got, err, tt.want)
				}
			}
			running, total, err := tx.RunningRuns(owners, u.ID, 10)
			if err != nil || total != 1 || len(running) != 1 || running[0].ID != ids["live"] {
				t.Errorf("running: %v, %d in all, %v", running, total, err)
			}
			failed, ended, err := tx.FailedRuns(owners, u.ID, at.Add(-3*time.Hour), 10)
			if err != nil || len(failed) != 1 || failed[0].ID != ids["bad"] || !ended[ids["bad"]].Equal(at.Add(-time.Hour)) {
				t.Errorf("failed: %v, ended %v, %v", failed, ended, err)
			}
			if failed, _, err = tx.FailedRuns(owners, u.ID, at, 10); err != nil || len(failed) != 0 {
				t.Errorf("failed since then: %v, %v", failed, err)
			}
			sum, err := tx.ProjectTotals(p.ID, at.Add(-48*time.Hour))
			want := meta.ProjectTotals{States: map[ballast.State]int64{ballast.Running: 1, ballast.Failed: 1}, Compute: time.Hour,
				People: []meta.Contributor{{Name: "mira", Runs: 2, Last: at.Add(-2 * time.Hour)}}, Days: map[string]int64{at.Add(-2 * time.Hour).Format(time.DateOnly): 2}}
			if err != nil || cmp.Diff(want, sum) != "" {
				t.Errorf("totals (-want +got): %v\n%s", err, cmp.Diff(want, sum))
			}
			gone, err := tx.DeletedRuns(p.ID, 10)
			if err != nil || len(gone) != 1 || gone[0].ID != ids["gone"] {
				t.Errorf("deleted: %v, %v", gone, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

package server

import (
	"net/http"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	activityDays = 84  // twelve weeks
	listedGone   = 200 // deleted runs that are listed
)

// goneRun is a deleted run that can be brought back.
type goneRun struct {
	ID      string        `json:"id"` // as undeleteRun takes it
	Name    string        `json:"name"`
	Display string        `json:"display"`
	State   ballast.State `json:"state"`
	User    string        `json:"user"`
	Deleted time.Time     `json:"deleted"`
	Until   time.Time     `json:"until"` // then what it holds is removed for good
	Mine    bool          `json:"mine"`
}

// projectTotals sums a project up: runs by state, hours, bytes, people, runs
// by day, and the deleted runs that can still be brought back.
func projectTotals(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.findProject(r.Context(), r.PathValue("entity"), r.PathValue("project"), auth.Read)
	if err != nil {
		return err
	}
	u := auth.From(r.Context()).User
	today := time.Now().UTC().Truncate(24 * time.Hour)
	from := today.AddDate(0, 0, 1-activityDays)
	var sum meta.ProjectTotals
	gone := []goneRun{}
	pinned := false
	err = s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		if sum, err = tx.ProjectTotals(p.ID, from); err != nil {
			return err
		}
		deleted, err := tx.DeletedRuns(p.ID, listedGone)
		if err != nil {
			return err
		}
		for _, run := range deleted {
			gone = append(gone, goneRun{ID: ballast.StorageID(run.Entity, run.Project, run.Name), Name: run.Name, Display: run.Display, State: run.Live.State,
				User: run.User, Deleted: run.Deleted, Until: run.Deleted.Add(s.opt.Undelete), Mine: run.UserID == u.ID})
		}
		h, err := tx.Home(u.ID)
		pinned = h.Pinned(p.ID)
		return err
	})
	if err != nil {
		return err
	}
	days := make([]int64, activityDays)
	for i := range days {
		days[i] = sum.Days[from.AddDate(0, 0, i).Format(time.DateOnly)]
	}
	return answer(w, map[string]any{"states": sum.States, "computeSeconds": sum.Compute.Seconds(), "bytes": sum.Bytes, "people": sum.People,
		"firstDay": from.Format(time.DateOnly), "days": days, "deleted": gone, "pinned": pinned})
}

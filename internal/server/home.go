package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	homeRuns     = 12 // of each list
	homeProjects = 30
	maxPins      = 50
	visitLength  = 30 * time.Minute    // who comes back sooner is on the same visit
	firstVisit   = 7 * 24 * time.Hour  // how far back failures are told to who was never here
	longestAway  = 90 * 24 * time.Hour // and to who was away for longer
)

// homeReply is the start page.
type homeReply struct {
	Since    time.Time     `json:"since"`   // failures are those since then
	Running  []homeRun     `json:"running"` // the caller's first
	Total    int           `json:"total"`   // running, also those that are not listed
	Failed   []homeRun     `json:"failed"`  // of the caller
	Projects []homeProject `json:"projects"`
}

type homeRun struct {
	Project   string                     `json:"project"` // entity/project
	Name      string                     `json:"name"`
	Display   string                     `json:"display"`
	State     ballast.State              `json:"state"`
	User      string                     `json:"user"`
	Mine      bool                       `json:"mine"`
	Created   time.Time                  `json:"created"`
	Heartbeat time.Time                  `json:"heartbeat"`
	Ended     *time.Time                 `json:"ended"`
	ExitCode  int                        `json:"exitCode"`
	Steps     int64                      `json:"steps"`  // rows of history
	Config    map[string]json.RawMessage `json:"config"` // the numbers in it that may say how long the run will be
}

type homeProject struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Entity      string    `json:"entityName"`
	Description string    `json:"description"`
	Created     time.Time `json:"createdAt"`
	Active      time.Time `json:"lastActive"`
	Runs        int64     `json:"runCount"`
	Running     int64     `json:"running"`
	Pinned      bool      `json:"pinned"`
}

// home is the caller's start page, in one answer.
func home(s *Server, w http.ResponseWriter, r *http.Request) error {
	u := auth.From(r.Context()).User
	var out homeReply
	err := s.DB.Read(r.Context(), func(tx *meta.Tx) error {
		h, err := tx.Home(u.ID)
		if err != nil {
			return err
		}
		now := time.Now().UTC()
		out = homeReply{Since: since(h, now), Running: []homeRun{}, Failed: []homeRun{}, Projects: []homeProject{}}
		owners, err := tx.OwnersOf(u)
		if err != nil {
			return err
		}
		return out.fill(tx, u, owners, h)
	})
	if err != nil {
		return err
	}
	return answer(w, out)
}

// since is when the last visit ended.
func since(h meta.Home, now time.Time) time.Time {
	switch {
	case h.Before.IsZero():
		return now.Add(-firstVisit)
	case now.Sub(h.Before) > longestAway:
		return now.Add(-longestAway)
	}
	return h.Before
}

func (out *homeReply) fill(tx *meta.Tx, u ballast.User, owners []int64, h meta.Home) error {
	running, total, err := tx.RunningRuns(owners, u.ID, homeRuns)
	if err != nil {
		return err
	}
	out.Total = total
	for _, run := range running {
		one := showHomeRun(run, u)
		one.Config = lengths(run.Config)
		out.Running = append(out.Running, one)
	}
	failed, ended, err := tx.FailedRuns(owners, u.ID, out.Since, homeRuns)
	if err != nil {
		return err
	}
	for _, run := range failed {
		one := showHomeRun(run, u)
		at := ended[run.ID]
		one.Ended = &at
		out.Failed = append(out.Failed, one)
	}
	projects, err := tx.ActiveProjects(owners, h.Pins, homeProjects)
	for i := 0; i < len(projects) && err == nil; i++ {
		err = out.project(tx, projects[i], h.Pinned(projects[i].ID))
	}
	return err
}

func (out *homeReply) project(tx *meta.Tx, p ballast.Project, pinned bool) (err error) {
	one := homeProject{ID: itoa(p.ID), Name: p.Name, Entity: p.Entity, Description: firstLine(p.Description), Created: p.Created, Pinned: pinned}
	if one.Active, err = tx.LastActive(p.ID); err != nil {
		return err
	}
	if one.Active.IsZero() {
		one.Active = p.Created
	}
	if one.Runs, err = tx.LiveRuns(p.ID); err != nil {
		return err
	}
	if one.Running, err = tx.RunsInState(p.ID, ballast.Running); err != nil {
		return err
	}
	out.Projects = append(out.Projects, one)
	return nil
}

func showHomeRun(run ballast.Run, u ballast.User) homeRun {
	return homeRun{Project: run.Entity + "/" + run.Project, Name: run.Name, Display: run.Display, State: run.Live.State, User: run.User, Mine: run.UserID == u.ID,
		Created: run.Created, Heartbeat: run.Live.Heartbeat, ExitCode: run.Live.ExitCode, Steps: run.Live.Rows}
}

// lengths are the numbers of a config, one level deep, whose names speak of
// steps or iterations: the screen reads from them how far a run is. A config
// with what JSON has not (NaN) tells nothing.
func lengths(config []byte) map[string]json.RawMessage {
	var all map[string]struct{ Value json.RawMessage }
	if json.Unmarshal(config, &all) != nil {
		return nil
	}
	out := map[string]json.RawMessage{}
	for name, boxed := range all {
		var inner map[string]json.RawMessage
		if isLength(name, boxed.Value) {
			out[name] = boxed.Value
		} else if json.Unmarshal(boxed.Value, &inner) == nil {
			for n, v := range inner {
				if !isLength(n, v) {
					delete(inner, n)
				}
			}
			if len(inner) > 0 {
				out[name], _ = json.Marshal(inner) // of raw messages that were just read
			}
		}
	}
	return out
}

func isLength(name string, v json.RawMessage) bool {
	return (strings.Contains(name, "step") || strings.Contains(name, "iter")) && len(v) > 0 && v[0] >= '0' && v[0] <= '9'
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if r := []rune(line); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return line
}

// putHome notes that the start page was opened, {"visit":true}; that its
// failures were seen, {"seen":true}; or pins a project, {"pin":"red/secret"},
// and {"unpin":…}.
func putHome(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Visit, Seen bool
		Pin, Unpin  string
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	var pinned, unpinned ballast.Project
	for path, p := range map[string]*ballast.Project{in.Pin: &pinned, in.Unpin: &unpinned} {
		if path == "" {
			continue
		}
		entity, name, err := splitProject(path)
		if err != nil {
			return err
		}
		if *p, err = s.findProject(r.Context(), entity, name, auth.Read); err != nil {
			return err
		}
	}
	u, now := auth.From(r.Context()).User, time.Now().UTC()
	err := s.DB.Write(r.Context(), "note a visit or a pin", func(tx *meta.Tx) error {
		h, err := tx.Home(u.ID)
		if err != nil {
			return err
		}
		if in.Visit {
			if now.Sub(h.Seen) > visitLength {
				h.Before = h.Seen
			}
			h.Seen = now
		}
		if in.Seen {
			h.Seen, h.Before = now, now
		}
		h.Pins = slices.DeleteFunc(h.Pins, func(id int64) bool { return id == unpinned.ID || id == pinned.ID })
		if pinned.ID != 0 {
			if len(h.Pins) >= maxPins {
				return ballast.Errorf(ballast.Invalid, "%d projects are pinned, the most there can be: take one off first", maxPins)
			}
			h.Pins = append(h.Pins, pinned.ID)
		}
		return tx.SetHome(u.ID, h)
	})
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

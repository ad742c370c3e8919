package meta

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// Erasure hides values of a run's history that a person deleted: those of some
// keys, as they are stored, in rows below RowTo whose step is in a range.
type Erasure struct {
	ID               int64
	RowTo            int64
	StepFrom, StepTo int64 // half-open
	Keys             []string
}

// maxErasures is how many deletions of a run may wait to be carried out: every
// reader of the run compares with each.
const maxErasures = 1000

// EraseKeys hides values from now on. gen is of the run when its rows were
// read: where rows were set aside since, it reports false and changes nothing.
// editSummary makes the summary without the values, JSON of JSON. Files that
// were exported of the run are let go.
func (t *Tx) EraseKeys(run, gen int64, e Erasure, editSummary func([]byte) ([]byte, error), now time.Time) (bool, error) {
	h, err := t.lockRun(run)
	if err != nil || h.gen != gen {
		return false, err
	}
	var waiting int
	if err := t.row("SELECT COUNT(*) FROM erasure WHERE run=?", run).Scan(&waiting); err != nil {
		return false, err
	}
	if waiting >= maxErasures {
		return false, ballast.Errorf(ballast.Busy, "%d deletions of keys of this run are still being carried out, at most %d may be: try again later, or delete several keys at once", waiting, maxErasures)
	}
	list, err := json.Marshal(e.Keys)
	if err != nil {
		return false, err
	}
	_, err = t.exec("INSERT INTO erasure (run, row_to, step_from, step_to, sealed, key_list, created) VALUES (?,?,?,?,0,?,?)",
		run, e.RowTo, e.StepFrom, e.StepTo, pack(list), micros(now))
	if err != nil {
		return false, err
	}
	h.ver++
	h.touch(micros(now))
	if err := t.saveSegments(h); err != nil {
		return false, err
	}
	old, err := t.Summary(run)
	if err != nil {
		return false, err
	}
	summary, err := editSummary(old)
	if err != nil {
		return false, fmt.Errorf("the summary of run %d: %w", run, err)
	}
	if err := t.SetSummary(run, summary); err != nil {
		return false, err
	}
	return true, t.SetExports(run, nil, now)
}

// Erasures returns what is hidden of runs' histories, by run.
func (t *Tx) Erasures(runs []int64) (map[int64][]Erasure, error) {
	found := map[int64][]Erasure{}
	for part := range slices.Chunk(runs, 500) {
		err := t.each("SELECT id, run, row_to, step_from, step_to, key_list FROM erasure WHERE run IN ("+placeholders(len(part))+") ORDER BY id", anys(part), func(s scannable) error {
			var e Erasure
			var run int64
			var list []byte
			if err := s.Scan(&e.ID, &run, &e.RowTo, &e.StepFrom, &e.StepTo, &list); err != nil {
				return err
			}
			text, err := unpack(list)
			if err == nil {
				err = json.Unmarshal(text, &e.Keys)
			}
			if err != nil {
				return fmt.Errorf("the deleted keys of run %d: %w", run, err)
			}
			found[run] = append(found[run], e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ErasuresDue returns runs of which something is to be deleted from segments
// that nobody looked at since, at most limit.
func (t *Tx) ErasuresDue(limit int) ([]int64, error) {
	return t.ids("SELECT DISTINCT e.run FROM erasure e JOIN hist h ON h.run = e.run WHERE h.sealed > e.sealed ORDER BY e.run LIMIT ?", limit)
}

// ErasuresCarriedOut notes that no segment of v, which holds all segments of a run's
// history, has values that its erasures hide. Those that no chunk of the tail
// can have either are done. It changes nothing where the segments are others
// now: then they are to be looked at again.
func (t *Tx) ErasuresCarriedOut(v StreamView, f Fence) error {
	h, err := t.lockRun(v.Run)
	if err != nil || h.gen != v.Live.Gen {
		return err
	}
	now, err := t.SegmentList(v.Run, ballast.History)
	if err != nil {
		return err
	}
	same := slices.EqualFunc(now, v.Segments, func(a, b Segment) bool { return a.Row0 == b.Row0 && a.Object == b.Object && a.Visible == b.Visible })
	if !same {
		return nil
	}
	if err := t.checkFence(f); err != nil {
		return err
	}
	for _, e := range v.Erased {
		if _, err := t.exec("UPDATE erasure SET sealed=? WHERE id=?", v.Sealed, e.ID); err != nil {
			return err
		}
		if e.RowTo > h.sealed[ballast.History] {
			continue
		}
		var late int64
		if err := t.row("SELECT COUNT(*) FROM tail WHERE run=? AND kind=0 AND row0<?", v.Run, e.RowTo).Scan(&late); err != nil {
			return err
		}
		if late > 0 {
			continue
		}
		if _, err := t.exec("DELETE FROM erasure WHERE id=?", e.ID); err != nil {
			return err
		}
	}
	return t.runManifestDue(v.Run)
}

// cutErasures keeps erasures to rows below a number, which others will follow.
func (t *Tx) cutErasures(run, rows int64) error {
	if _, err := t.exec("UPDATE erasure SET row_to=?, sealed=0 WHERE run=? AND row_to>?", rows, run, rows); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM erasure WHERE run=? AND row_to<=0", run)
	return err
}

// forkErasures has a fork hide what its parent does of the rows that it shares.
func (t *Tx) forkErasures(parent, child, rows int64) error {
	_, err := t.exec(`INSERT INTO erasure (run, row_to, step_from, step_to, sealed, key_list, created)
		SELECT ?, CASE WHEN row_to > ? THEN ? ELSE row_to END, step_from, step_to, 0, key_list, created FROM erasure WHERE run=?`, child, rows, rows, parent)
	return err
}

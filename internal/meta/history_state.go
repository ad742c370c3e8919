package meta

import (
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
)

// beat applies what a request says about the process (PRODUCT 3.12). Rows
// that were known already do not bring an ended run back to life: a second
// sync repeats them. Nor do the last rows of one of several processes that share
// a run: the primary said that it ended, and nobody would say so again.
func (h *hist) beat(p *Append, fresh bool, now int64) {
	h.heartbeat = max(h.heartbeat, now)
	if p.Complete {
		h.end(p.ExitCode, now)
		return
	}
	switch h.state {
	case ballast.Pending, ballast.Crashed, ballast.Preempted:
		h.revive()
	case ballast.Finished, ballast.Failed, ballast.Killed:
		if fresh && p.Writer == "" {
			h.revive()
		}
	}
	if p.Preempting && h.state == ballast.Running {
		h.state = ballast.Preempting
	}
}

func (h *hist) revive() { h.state, h.exitCode, h.ended = ballast.Running, 0, 0 }

// end applies the end of a process.
func (h *hist) end(exit int, now int64) {
	switch {
	case h.stop:
		h.state = ballast.Killed
	case exit == 0:
		h.state = ballast.Finished
	case h.state == ballast.Preempting:
		h.state = ballast.Preempted
	default:
		h.state = ballast.Failed
	}
	h.exitCode, h.ended = exit, now
}

// SweepStates ends runs that are running or preempting and whose last
// heartbeat was before a time: crashed, preempted, or killed when a person had
// asked them to stop. It returns those runs, at most limit.
func (t *Tx) SweepStates(before, now time.Time, limit int) ([]int64, error) {
	var silent []int64
	err := t.each("SELECT run FROM hist WHERE state IN ('running', 'preempting') AND heartbeat<? LIMIT ?", []any{micros(before), limit}, func(s scannable) error {
		var run int64
		err := s.Scan(&run)
		silent = append(silent, run)
		return err
	})
	if err != nil || len(silent) == 0 {
		return nil, err
	}
	locked, err := t.lockHist(distinct(silent))
	if err != nil {
		return nil, err
	}
	var ended []*hist
	var runs []int64
	for _, run := range distinct(silent) {
		h := locked[run]
		if h == nil || h.heartbeat >= micros(before) || h.state.Ended() || h.state == ballast.Pending {
			continue // it spoke, or was removed, meanwhile
		}
		switch {
		case h.stop:
			h.state = ballast.Killed
		case h.state == ballast.Preempting:
			h.state = ballast.Preempted
		default:
			h.state = ballast.Crashed
		}
		h.ended = micros(now)
		h.touch(micros(now))
		ended, runs = append(ended, h), append(runs, run)
	}
	return runs, t.saveHist(ended...)
}

// distinct returns the ids in ascending order, each once.
func distinct(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func anys(ids []int64) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = id
	}
	return all
}

package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/ballast-ml/ballast/internal/meta"
)

// maxHeard bounds the runs that are remembered between two sweeps. Beyond it
// no run ends as crashed for a while: we did not listen to all of them.
const maxHeard = 100_000

// heard are runs whose requests could not be stored, because the store was slow
// or memory was short. They are alive all the same, and this is stored before
// the next look for silent ones.
type heard struct {
	mu   sync.Mutex
	runs map[int64]time.Time
}

// Heard notes that a run's process spoke although its request is not stored.
func (in *Ingest) Heard(run int64) {
	in.metrics.heard.Inc()
	h := &in.heard
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.runs == nil {
		h.runs = map[int64]time.Time{}
	}
	if _, known := h.runs[run]; !known && len(h.runs) >= maxHeard {
		in.ready.heard(in.now(), false)
		return
	}
	h.runs[run] = in.now()
}

// Listen stores what was heard until ctx ends, on a server whose jobs run
// elsewhere: who looks for silent runs there did not hear it. [Ingest.Run] does
// it too.
func (in *Ingest) Listen(ctx context.Context) {
	in.every(ctx, stateEvery, "noting runs whose requests were put off", in.noteHeard)
}

// noteHeard stores what was heard, in one transaction. What cannot be stored is
// kept for the next sweep.
func (in *Ingest) noteHeard(ctx context.Context) error {
	h := &in.heard
	h.mu.Lock()
	runs := h.runs
	h.runs = nil
	h.mu.Unlock()
	if len(runs) == 0 {
		return nil
	}
	err := in.db.Write(ctx, "noting runs whose requests were put off", func(tx *meta.Tx) error {
		for run, at := range runs {
			if err := tx.SetHeartbeat(run, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.runs == nil {
		h.runs = runs
		return err
	}
	for run, at := range runs {
		if h.runs[run].Before(at) {
			h.runs[run] = at
		}
	}
	return err
}

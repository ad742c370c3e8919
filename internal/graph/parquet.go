package graph

import (
	"context"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
)

// ParquetHistory answers download_history_exports with files, and scan_history
// with none, so that a scan reads rows through history and sampledHistory: over
// files it would return rows that lack the keys it asked for, and rows of a
// state that the client had kept (docs/design/015).
func (r runResolver) ParquetHistory(ctx context.Context, run *ballast.Run, _ []string) (*generated.ParquetHistory, error) {
	out := &generated.ParquetHistory{ParquetUrls: []string{}, LiveData: []any{}}
	if r.exports == nil {
		return out, nil
	}
	if r.scans.took(scan{auth.From(ctx).User.ID, run.ID}, r.now()) {
		// "Nothing is exported": should it be a download after all, it fails and
		// says so, and succeeds when it is tried again.
		out.LiveData = append(out.LiveData, map[string]int64{"_step": 0})
		return out, nil
	}
	h, err := r.exports.History(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	out.ParquetUrls = append(out.ParquetUrls, h.URLs...)
	for _, step := range h.Live {
		out.LiveData = append(out.LiveData, map[string]int64{"_step": step})
	}
	return out, nil
}

// scanSoon is how soon after its question for the keys a scan asks for files:
// it does so at once.
const scanSoon = 5 * time.Second

// scans are the scans that have asked for a run's keys and will ask for its
// files: the two questions are all that tells a scan from a download.
type scans struct {
	mu      sync.Mutex
	waiting map[scan][]time.Time // until when
}

type scan struct{ user, run int64 }

// begun notes a scan's first question.
func (s *scans) begun(ctx context.Context, run int64, now time.Time) {
	if op := graphql.GetOperationContext(ctx).Operation; op == nil || op.Name != "RunHistoryKeys" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[scan][]time.Time{}
	}
	for k, until := range s.waiting {
		if now.After(until[len(until)-1]) {
			delete(s.waiting, k)
		}
	}
	k := scan{auth.From(ctx).User.ID, run}
	s.waiting[k] = append(s.waiting[k], now.Add(scanSoon))
}

// took reports whether this is the second question of a scan.
func (s *scans) took(k scan, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := s.waiting[k]
	for len(until) > 0 && now.After(until[0]) {
		until = until[1:]
	}
	took := len(until) > 0
	if took {
		until = until[1:]
	}
	if len(until) == 0 {
		delete(s.waiting, k)
	} else {
		s.waiting[k] = until
	}
	return took
}

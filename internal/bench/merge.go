package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// mergeParts is how many segments make a merge due.
const mergeParts = 8

// measureMerge measures acknowledgements at half the highest load, without and
// with merges in the background.
func measureMerge(ctx context.Context, o Options, f *Figure) error {
	runs, rows := o.Size.of(2, 10, 40), o.Size.of(300, 3000, 3000)
	var ids []int64
	s, err := filled(ctx, o, "merge", func(f *filler) (err error) {
		ids, err = f.unmerged(ctx, runs, rows)
		return err
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	base, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	d := time.Duration(o.Size.of(200, 4000, 8000)) * time.Millisecond
	load := &halfLoad{base: base, key: s.Key, body: newBody(rand.New(rand.NewPCG(5, 6)), bodyShape{rows: 1, keys: 10})}
	if err := load.find(ctx, d/4); err != nil { // merges began with the start
		return err
	}
	before, err := s.mergedOf(ctx, ids)
	if err != nil {
		return err
	}
	merging, err := load.drive(ctx, "merging", d)
	if err != nil {
		return err
	}
	merged, err := s.mergedOf(ctx, ids)
	if err != nil {
		return err
	}
	if err := s.awaitMerged(ctx, ids); err != nil {
		return err
	}
	calm, err := load.drive(ctx, "calm", d)
	if err != nil {
		return err
	}
	f.add("p99 of an acknowledgement at half the load, no merge", calm.at(0.99), "ms", 0, true)
	f.add(fmt.Sprintf("the same while %d times %d segments become one", merged-before, mergeParts), merging.at(0.99), "ms", 1.2*calm.at(0.99), true)
	f.add("median, no merge", calm.at(0.5), "ms", 0, true)
	f.add("median while merging", merging.at(0.5), "ms", 0, true)
	f.Notes = "The goal is 1.2 times what the same load takes without merges."
	f.memory(s)
	if before == runs && o.Size != Small {
		return fmt.Errorf("all was merged before it was measured")
	}
	return nil
}

// unmerged makes runs whose segments are to be merged by whoever serves next.
func (f *filler) unmerged(ctx context.Context, runs, rows int) (ids []int64, err error) {
	set := mixed(rand.New(rand.NewPCG(1, 2)), keyNames(100))
	for i := range runs {
		id, err := f.run(ctx, fmt.Sprintf("old-%d", i))
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		for from := 0; from < mergeParts*rows; from += 100 {
			if err := f.rows(ctx, id, from, min(100, rows-from%rows), func(b *history.Builder, row int) { set(b, row) }); err != nil {
				return nil, err
			}
			if (from+100)%rows == 0 {
				if err := f.in.Seal(ctx, id); err != nil {
					return nil, err
				}
			}
		}
	}
	return ids, nil
}

// awaitMerged waits until the segments of all runs are merged.
func (s *Server) awaitMerged(ctx context.Context, runs []int64) error {
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		n, err := s.mergedOf(ctx, runs)
		if err != nil || n == len(runs) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the segments of %d of %d runs are not merged after two minutes", len(runs)-n, len(runs))
		}
	}
}

// mergedOf counts the runs whose segments were merged, in the store beside the
// server.
func (s *Server) mergedOf(ctx context.Context, runs []int64) (n int, err error) {
	db, err := s.store(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.Read(ctx, func(tx *meta.Tx) error {
		for _, run := range runs {
			all, err := tx.Segments(run, ballast.History)
			if err != nil {
				return err
			}
			if len(all) < mergeParts {
				n++
			}
		}
		return nil
	})
	return n, err
}

// halfLoad sends half of what a server takes at most.
type halfLoad struct {
	base *url.URL
	key  string
	body *body
}

// find measures the highest load and sets the pause for half of it.
func (l *halfLoad) find(ctx context.Context, d time.Duration) error {
	most, err := l.run(ctx, "most", d)
	if err != nil {
		return err
	}
	if len(most.took) == 0 {
		return fmt.Errorf("no request of the highest load was answered within %s", d)
	}
	rate := float64(len(most.took)) / most.seconds / 2
	half := *l.body
	half.pause = time.Duration(halfWriters / rate * float64(time.Second))
	l.body = &half
	return nil
}

func (l *halfLoad) drive(ctx context.Context, name string, d time.Duration) (times, error) {
	got, err := l.run(ctx, name, d)
	if err != nil {
		return nil, err
	}
	return sorted(got.took), nil
}

// halfWriters write at once.
const halfWriters = 32

// run drives runs of their own: lines that a run has are not stored again.
func (l *halfLoad) run(ctx context.Context, name string, d time.Duration) (*driven, error) {
	paths := make([]string, halfWriters)
	for i := range paths {
		var err error
		if paths[i], err = upsertRun(ctx, l.base, l.key, "merge", fmt.Sprintf("%s-%d", name, i)); err != nil {
			return nil, err
		}
	}
	return drive(ctx, l.base, paths, l.key, []*body{l.body}, d)
}

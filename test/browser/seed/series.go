package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

const (
	newest    = 20  // runs that log all rows; the others log one
	keysOf    = 20  // keys of one prefix
	portion   = 250 // rows of one request, at most
	newer     = 16  // runs that are written at once
	pointsMax = 250_000
)

// seedSeries writes runs that logged rows of so many metrics, by the write
// path without HTTP, and seals them, so that the server finds nothing to do.
func seedSeries(ctx context.Context, db *meta.DB, folder string, p ballast.Project, runs, keys, rows int) error {
	bucket, err := fileblob.Open(filepath.Join(folder, "objects"), fileblob.Options{})
	if err != nil {
		return err
	}
	in, err := ingest.Open(ctx, db, bucket, sqlqueue.New(db), ingest.Options{})
	if err != nil {
		return err
	}
	defer in.Close()
	s := &series{db: db, in: in, names: names(keys), start: time.Now().Add(-time.Duration(runs) * time.Minute)}
	ids, err := s.make(ctx, p, runs)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(newer)
	for i, id := range ids {
		all.Go(func() error {
			n := 1
			if i >= runs-newest {
				n = rows
			}
			if err := s.log(ctx, id, i, n); err != nil {
				return fmt.Errorf("run %d: %w", i, err)
			}
			return nil
		})
	}
	return all.Wait()
}

// series logs to the runs of one project.
type series struct {
	db    *meta.DB
	in    *ingest.Ingest
	names [][]byte
	start time.Time
}

func names(n int) (all [][]byte) {
	for i := range n {
		all = append(all, fmt.Appendf(nil, "part%02d/metric%02d", i/keysOf, i%keysOf))
	}
	return all
}

// make makes the runs in few transactions.
func (s *series) make(ctx context.Context, p ballast.Project, n int) (ids []int64, err error) {
	for from := 0; from < n; from += 5000 {
		err = s.db.Write(ctx, "seed runs", func(tx *meta.Tx) error {
			for i := from; i < min(n, from+5000); i++ {
				at := s.start.Add(time.Duration(i) * time.Minute)
				config := fmt.Sprintf(`{"lr":{"value":%g},"seed":{"value":%d}}`, math.Pow(10, -1-float64(i%4)), i)
				r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprintf("s%05d", i), Display: fmt.Sprintf("series-%05d", i), Created: at, Config: []byte(config)})
				if err != nil {
					return err
				}
				ids = append(ids, r.ID)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// log appends the rows of one run and makes a segment of them.
func (s *series) log(ctx context.Context, id int64, seed, rows int) error {
	random := rand.New(rand.NewPCG(1, uint64(seed)))
	var b history.Builder
	step := max(1, min(portion, pointsMax/len(s.names)))
	summary := []byte(`{"_step":` + fmt.Sprint(rows-1))
	for from := 0; from < rows; from += step {
		b.Reset()
		for row := from; row < min(rows, from+step); row++ {
			b.Row()
			b.Number([]byte("_step"), float64(row), true)
			b.Number([]byte("_runtime"), float64(row), true)
			for k, name := range s.names {
				v := 2*math.Exp(-4*float64(row)/float64(rows)) + 0.2*math.Sin(float64(k+seed)) + 0.05*random.NormFloat64()
				b.Number(name, v, false)
				if row == rows-1 {
					summary = fmt.Appendf(summary, `,%q:%.4f`, name, v)
				}
			}
		}
		r := &filestream.Rows{Offset: int64(from), Lines: min(rows, from+step) - from, Chunk: b.Append(nil), FirstHash: b.FirstHash()}
		r.StepMin, r.StepMax = b.StepRange()
		r.Bytes = len(r.Chunk)
		req := &filestream.Request{History: r, Points: b.Values()}
		if from+step >= rows {
			ended, exit := true, 0
			req.Summary, req.Complete, req.ExitCode = append(summary, '}'), &ended, &exit
		}
		if _, err := s.in.Append(ctx, ingest.Request{RunID: id, Request: req}); err != nil {
			return err
		}
	}
	return s.in.Seal(ctx, id)
}

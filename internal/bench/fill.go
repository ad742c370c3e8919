package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// filler writes histories into a data folder that no server uses, by the write
// path itself but without HTTP: what is read is measured, not how it came.
type filler struct {
	db      *meta.DB
	in      *ingest.Ingest
	project ballast.Project
	builder history.Builder
}

// openFiller opens the store of a server that was started once and stopped.
func openFiller(ctx context.Context, s *Server, project string) (*filler, error) {
	db, err := s.store(ctx)
	if err != nil {
		return nil, err
	}
	bucket, err := fileblob.Open(filepath.Join(s.Dir, "data", "objects"), fileblob.Options{})
	if err != nil {
		db.Close()
		return nil, err
	}
	return newFiller(ctx, db, map[int]blob.Bucket{0: bucket}, 0, project)
}

// newFiller fills a project in a store whose new objects go to one of the
// buckets. It closes db, also when it fails.
func newFiller(ctx context.Context, db *meta.DB, buckets map[int]blob.Bucket, store int, project string) (f *filler, err error) {
	f = &filler{db: db}
	f.in, err = ingest.Open(ctx, db, buckets[store], sqlqueue.New(db), ingest.Options{Store: store, Stores: buckets})
	if err == nil {
		err = db.Write(ctx, "make a project", func(tx *meta.Tx) error {
			owner, err := tx.EntityByName("bench")
			if err != nil {
				return err
			}
			f.project, _, err = tx.EnsureProject(owner.ID, project, owner.ID, time.Now())
			return err
		})
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("opening the store to fill it: %w", err)
	}
	return f, nil
}

// store opens the server's metadata store beside it.
func (s *Server) store(ctx context.Context) (*meta.DB, error) {
	return meta.Open(ctx, meta.Options{SQLite: filepath.Join(s.Dir, "data", "ballast.db")})
}

func (f *filler) close() {
	if f.in != nil {
		f.in.Close()
	}
	f.db.Close()
}

// run makes a run.
func (f *filler) run(ctx context.Context, name string) (id int64, err error) {
	err = f.db.Write(ctx, "make a run", func(tx *meta.Tx) error {
		r, err := tx.CreateRun(ballast.Run{ProjectID: f.project.ID, Name: name})
		id = r.ID
		return err
	})
	return id, err
}

// rows appends rows from line `from` on: fill sets the values of each.
func (f *filler) rows(ctx context.Context, run int64, from, n int, fill func(b *history.Builder, row int)) error {
	b := &f.builder
	b.Reset()
	for row := from; row < from+n; row++ {
		b.Row()
		b.Number([]byte("_step"), float64(row), true)
		fill(b, row)
	}
	rows := &filestream.Rows{Offset: int64(from), Lines: n, Chunk: b.Append(nil), FirstHash: b.FirstHash()}
	rows.StepMin, rows.StepMax = b.StepRange()
	rows.Bytes = len(rows.Chunk)
	_, err := f.in.Append(ctx, ingest.Request{RunID: run, Request: &filestream.Request{History: rows, Points: b.Values()}})
	return err
}

// seal ends a run and makes segments of all that it has.
func (f *filler) seal(ctx context.Context, run int64) error {
	err := f.db.Write(ctx, "end a run", func(tx *meta.Tx) error { return tx.SetRunState(run, ballast.Finished, 0, time.Now()) })
	if err != nil {
		return err
	}
	if err := f.in.Seal(ctx, run); err != nil {
		return err
	}
	return f.in.Compact(ctx, run)
}

// filled starts a server once, fills its store, and starts it again.
func filled(ctx context.Context, o Options, project string, fill func(*filler) error) (*Server, error) {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return nil, err
	}
	if err := s.refill(ctx, o, project, fill); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) refill(ctx context.Context, o Options, project string, fill func(*filler) error) error {
	if err := s.end(); err != nil {
		return err
	}
	f, err := openFiller(ctx, s, project)
	if err != nil {
		return err
	}
	err = fill(f)
	f.close()
	if err != nil {
		return fmt.Errorf("filling the store: %w", err)
	}
	_, err = s.again(ctx, o.Exe)
	return err
}

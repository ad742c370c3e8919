// Package export makes Parquet files of a run's history in the form that
// analysis tools read, a column for each key (docs/format/export-v1.md), when
// somebody asks for them, and keeps them in the bucket as long as they are
// asked for. Tables of runs are written straight to whoever asks. What the
// history and the runs are is [query]'s to know.
package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

const (
	linkFor     = time.Hour
	patience    = 45 * time.Second // of a request, while files are being written
	timeLimit   = 30 * time.Minute // of writing them
	touchAfter  = time.Hour
	fileColumns = 4096    // of one file
	fileValues  = 1 << 26 // of one file, about
)

// Options says where files are kept.
type Options struct {
	Stores map[int]blob.Bucket // by store id
	Store  int                 // the store that new files go to
	Now    func() time.Time    // nil for the clock
	Log    *slog.Logger
}

// Exports is the room's state. It is safe for concurrent use.
type Exports struct {
	db    *meta.DB
	query *query.Query
	opt   Options
	work  singleflight.Group
}

// New returns the exports of a metadata store.
func New(db *meta.DB, q *query.Query, o Options) *Exports {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Exports{db: db, query: q, opt: o}
}

// History is a run's history as files.
type History struct {
	URLs []string // signed, good for an hour; none when nothing is exported
	Live []int64  // steps of rows that are in no file yet, at most 1000: the run goes on
}

// History returns the files of a run's history, made now when the last ones
// are not of this state. Files that take long are Unavailable until they are
// there: asking again waits for the same work.
func (x *Exports) History(ctx context.Context, runID int64) (*History, error) {
	w, err := x.query.OpenWide(ctx, runID)
	if err != nil {
		return nil, err
	}
	out := &History{Live: w.Live}
	if w.Rows == 0 {
		return out, nil
	}
	files, err := x.made(ctx, runID, w)
	if err == nil && files == nil {
		files, err = x.wait(ctx, runID, w)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		url, err := x.link(ctx, runID, f)
		if err != nil {
			return nil, err
		}
		out.URLs = append(out.URLs, url)
	}
	return out, nil
}

func (x *Exports) link(ctx context.Context, run int64, f meta.Export) (string, error) {
	bucket := x.opt.Stores[f.Store]
	if bucket == nil {
		return "", ballast.Errorf(ballast.Unavailable, "store %d, which holds an export, is not set up here", f.Store)
	}
	url, _, err := bucket.SignedURL(ctx, f.Object, blob.SignOptions{Method: "GET", Expires: linkFor, MaxBytes: -1,
		Type: "application/vnd.apache.parquet", Disposition: fmt.Sprintf(`attachment; filename="history-%d-%d.parquet"`, run, f.Part)})
	return url, err
}

// prefix is what the names of a state's files begin with.
func prefix(run int64, w *query.Wide) string {
	return fmt.Sprintf("%s%d/%d-%d-%d-", meta.ExportPrefix, run, w.Gen, w.Rows, w.Ver)
}

// made returns the files that are there, nil when they are of another state.
func (x *Exports) made(ctx context.Context, run int64, w *query.Wide) (files []meta.Export, err error) {
	err = x.db.Read(ctx, func(tx *meta.Tx) error {
		files, err = tx.Exports(run)
		return err
	})
	if err != nil || len(files) == 0 || !strings.HasPrefix(files[0].Object, prefix(run, w)) {
		return nil, err
	}
	return files, x.db.Write(ctx, "note use of an export", func(tx *meta.Tx) error { return tx.TouchExports(run, x.opt.Now().Add(-touchAfter)) })
}

// wait has the files made once, however many ask, and outlives the request.
func (x *Exports) wait(ctx context.Context, run int64, w *query.Wide) ([]meta.Export, error) {
	done := x.work.DoChan(strconv.FormatInt(run, 10), func() (any, error) {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), timeLimit)
		defer stop()
		files, err := x.write(ctx, run, w)
		if err != nil {
			x.opt.Log.Warn("exporting history", "run", run, "error", err)
		}
		return files, err
	})
	select {
	case r := <-done:
		files, _ := r.Val.([]meta.Export)
		return files, r.Err
	case <-time.After(patience):
		return nil, ballast.Errorf(ballast.Unavailable, "the run's history is still being written to files; ask again")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// write makes the files of a state: rows in stretches, and of each the columns.
func (x *Exports) write(ctx context.Context, run int64, w *query.Wide) (files []meta.Export, err error) {
	columns := min(fileColumns, len(w.Columns))
	stretch := max(1<<16, int64(fileValues/(columns+1)))
	for from := int64(0); from < w.Rows; from += stretch {
		for c := 0; c == 0 || c < len(w.Columns); c += fileColumns {
			f := meta.Export{Part: len(files), Gen: w.Gen, Rows: w.Rows, Store: x.opt.Store}
			f.Object = prefix(run, w) + strconv.Itoa(f.Part) + "-" + strings.ToLower(rand.Text()[:8]) + ".parquet"
			cols := w.Columns[c:min(c+fileColumns, len(w.Columns))]
			if f.Bytes, err = x.writeFile(ctx, w, f.Object, from, min(from+stretch, w.Rows), cols); err != nil {
				return nil, fmt.Errorf("rows from %d on, columns from %d on: %w", from, c, err)
			}
			files = append(files, f)
		}
	}
	err = x.db.Write(ctx, "list an export", func(tx *meta.Tx) error { return tx.SetExports(run, files, x.opt.Now()) })
	return files, err
}

// writeFile writes one file to a temporary one and then to the bucket.
func (x *Exports) writeFile(ctx context.Context, w *query.Wide, object string, from, to int64, cols []history.WideColumn) (int64, error) {
	file, err := os.CreateTemp("", "ballast-export-*")
	if err != nil {
		return 0, ballast.Wrap(ballast.Unavailable, err, "an export needs a temporary file")
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil { // nothing is left of it, however this ends
		return 0, err
	}
	bytes, err := writeRows(ctx, file, w, from, to, cols)
	for other := new(history.NotOfKind); errors.As(err, other); {
		// An integer that no double holds: the column is JSON.
		cols[other.Column].Kind = history.WideJSON
		if _, err = file.Seek(0, io.SeekStart); err == nil {
			if err = file.Truncate(0); err == nil {
				bytes, err = writeRows(ctx, file, w, from, to, cols)
			}
		}
	}
	if err != nil {
		return 0, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	err = x.db.Write(ctx, "note an export", func(tx *meta.Tx) error { return tx.NoteObject(object, x.opt.Store, bytes, x.opt.Now()) })
	if err != nil {
		return 0, err
	}
	_, err = x.opt.Stores[x.opt.Store].Put(ctx, object, file, bytes)
	return bytes, err
}

func writeRows(ctx context.Context, to io.Writer, w *query.Wide, from, end int64, cols []history.WideColumn) (int64, error) {
	f, err := history.NewWideWriter(to, cols)
	if err != nil {
		return 0, err
	}
	for n := w.GroupRows(len(cols)); from < end; from += n {
		g, err := w.Group(ctx, from, min(from+n, end), cols)
		if err == nil {
			err = f.Write(g)
		}
		if err != nil {
			return 0, err
		}
	}
	err = f.Close()
	return f.Bytes(), err
}

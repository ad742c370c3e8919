// Package file is about the files of runs: it hands out signed URLs to upload
// them, notes what was stored, lists them and links to their bytes.
//
// Each upload goes to an object of its own, "runs/<run>/<random>", so that a
// file sent again never changes bytes that somebody is reading; the newest
// upload that was stored is the file, and the object it takes the place of is
// left to the collector. The server carries no byte of an upload to S3; on a
// disk the signed URL leads to the server's own /storage/ route, which calls
// [Files.FinishPut] as soon as the bytes are durable.
package file

import (
	"context"
	"log/slog"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// How long signed URLs are good (PRODUCT 1.12).
const (
	readFor  = time.Hour
	writeFor = 24 * time.Hour
)

// Options says where files are kept.
type Options struct {
	Stores   map[int]blob.Bucket // every store that an object may be in, by id
	Store    int                 // the store that new files go to
	MaxBytes int64               // of one file; 0 for no limit
	Now      func() time.Time    // nil for the clock
	Log      *slog.Logger
}

// Files is the room's state. It is safe for concurrent use.
type Files struct {
	db     *meta.DB
	stores map[int]blob.Bucket
	store  int
	max    int64
	now    func() time.Time
	log    *slog.Logger
}

// New returns the files of a metadata store.
func New(db *meta.DB, o Options) *Files {
	f := &Files{db: db, stores: o.Stores, store: o.Store, max: o.MaxBytes, now: o.Now, log: o.Log}
	if f.max <= 0 {
		f.max = -1
	}
	if f.now == nil {
		f.now = time.Now
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	return f
}

// List returns the files of a run by name. A pattern is SQL LIKE's; a limit of
// 0 is meta's own.
func (f *Files) List(ctx context.Context, runID int64, q meta.FileQuery) (files []ballast.File, err error) {
	q.Names = cleanNames(q.Names)
	err = f.db.Read(ctx, func(tx *meta.Tx) error {
		files, err = tx.Files(runID, q)
		return err
	})
	return files, err
}

// Named returns a run's file by its name, in any form that [Files.Reserve]
// accepts. A file that is not there is NotFound, and so is a name that no file
// can have; the error tells a file whose upload was announced and has not
// arrived from one that nobody announced.
func (f *Files) Named(ctx context.Context, runID int64, name string) (file ballast.File, err error) {
	clean, err := ballast.CleanFileName(name)
	if err != nil {
		return file, ballast.Errorf(ballast.NotFound, "the run has no file %.140q", name)
	}
	err = f.db.Read(ctx, func(tx *meta.Tx) error {
		file, err = tx.FileByName(runID, clean)
		if !ballast.Is(err, ballast.NotFound) {
			return err
		}
		open, lost := tx.Uploads(runID, clean)
		if lost != nil {
			return lost
		}
		if len(open) > 0 {
			return ballast.Errorf(ballast.NotFound, "the run's file %.140q is not there yet: its upload was announced at %s, its bytes have not arrived",
				clean, open[len(open)-1].Created.UTC().Format(time.RFC3339))
		}
		return err
	})
	return file, err
}

// URL returns an absolute URL, good for an hour, that answers with the file's
// bytes. What a browser might run is sent as an attachment.
func (f *Files) URL(ctx context.Context, file ballast.File) (string, error) {
	bucket, err := f.bucket(file.Store)
	if err != nil {
		return "", err
	}
	return Link(ctx, bucket, file.Object, file.Name, file.MimeType)
}

// Delete removes files of one run by id. The objects stay until the collector
// takes them. Ids of other runs are NotFound, and then nothing is removed.
func (f *Files) Delete(ctx context.Context, runID int64, ids []int64) error {
	return f.db.Write(ctx, "delete files", func(tx *meta.Tx) error {
		for _, id := range ids {
			file, err := tx.File(id)
			if err != nil {
				return err
			}
			if file.RunID != runID {
				return ballast.Errorf(ballast.NotFound, "the run has no file with id %d", id)
			}
		}
		return tx.DeleteFiles(ids)
	})
}

func (f *Files) bucket(store int) (blob.Bucket, error) {
	if b := f.stores[store]; b != nil {
		return b, nil
	}
	return nil, ballast.Errorf(ballast.Unavailable, "store %d is not configured on this server", store)
}

// cleanNames returns the names in normal form; one that no file can have stays
// as it is and finds nothing.
func cleanNames(names []string) []string {
	if names == nil {
		return nil
	}
	clean := make([]string, len(names))
	for i, n := range names {
		clean[i] = n
		if c, err := ballast.CleanFileName(n); err == nil {
			clean[i] = c
		}
	}
	return clean
}

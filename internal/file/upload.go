package file

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// MaxReserve is the most names that one call of [Files.Reserve] accepts. A client
// asks for all that it saved in five seconds at once, and loses all when refused.
const MaxReserve = 100_000

const (
	askedAtOnce  = 1000 // names that one statement looks for
	bookedAtOnce = 1000 // uploads booked in one transaction, which others wait for
)

// Upload is a permission to store one file's bytes.
type Upload struct {
	Asked  string // the name as the client wrote it, which it knows the reply by
	Name   string // the name that the file will have
	Object string
	URL    string // PUT the bytes here; absolute, good for a day; empty when the name is refused
}

// Reserve hands out one upload for each name, in order, and the headers, as
// "Key:Value", that every PUT must carry (empty, never nil). Nothing is a
// file until its bytes are stored. A name that no file can have is refused
// alone (docs/design/035); the error is its own when no name is left.
func (f *Files) Reserve(ctx context.Context, run ballast.Run, names []string) ([]Upload, []string, error) {
	if len(names) > MaxReserve {
		return nil, nil, ballast.Errorf(ballast.Invalid, "%d files at once: at most %d are allowed", len(names), MaxReserve)
	}
	bucket, err := f.bucket(f.store)
	if err != nil {
		return nil, nil, err
	}
	uploads, headers := make([]Upload, len(names)), []string{}
	var refused error
	left := 0
	for i, asked := range names {
		uploads[i].Asked = asked
		name, err := ballast.CleanFileName(asked)
		if err != nil {
			f.log.WarnContext(ctx, "the name of a file is refused", "run", run.ID, "error", err)
			refused = err
			continue
		}
		uploads[i], headers, err = f.sign(ctx, bucket, run, asked, name)
		if err != nil {
			return nil, nil, err
		}
		left++
	}
	if left == 0 && refused != nil {
		return nil, nil, refused
	}
	if headers == nil {
		headers = []string{}
	}
	return uploads, headers, f.book(ctx, run, uploads)
}

func (f *Files) sign(ctx context.Context, bucket blob.Bucket, run ballast.Run, asked, name string) (Upload, []string, error) {
	u := Upload{Asked: asked, Name: name, Object: fmt.Sprintf("runs/%d/%s", run.ID, random())}
	url, headers, err := bucket.SignedURL(ctx, u.Object, blob.SignOptions{
		Method: "PUT", Expires: writeFor, MaxBytes: f.max, Type: MimeType(name)})
	if err != nil {
		return u, nil, fmt.Errorf("signing the upload of %q: %w", name, err)
	}
	u.URL = url
	return u, headers, nil
}

func (f *Files) book(ctx context.Context, run ballast.Run, uploads []Upload) error {
	now := f.now()
	for part := range slices.Chunk(uploads, bookedAtOnce) {
		err := f.db.Write(ctx, "reserve files", func(tx *meta.Tx) error {
			for _, u := range part {
				if u.URL == "" {
					continue
				}
				if err := tx.CreateUpload(u.Object, f.store, run.ID, u.Name, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Stored returns the file that an object already is; ok is false while nothing
// was stored for its upload.
func (f *Files) Stored(ctx context.Context, object string) (file ballast.File, ok bool, err error) {
	err = f.db.Read(ctx, func(tx *meta.Tx) error {
		file, err = tx.FileByObject(object)
		return err
	})
	if ballast.Is(err, ballast.NotFound) {
		return file, false, nil
	}
	return file, err == nil, err
}

// FinishPut makes a stored object the file that it was reserved for. Calling
// it again changes nothing; an object that nobody reserved (its run is gone,
// or a newer upload took its place) is left to the collector.
func (f *Files) FinishPut(ctx context.Context, object string, info blob.Info) error {
	return f.db.Write(ctx, "finish upload", func(tx *meta.Tx) error {
		u, err := tx.Upload(object)
		if ballast.Is(err, ballast.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.FinishUpload(object, info.Bytes, info.MD5, MimeType(u.Name), f.now())
		return err
	})
}

// Complete acts on a client's word that it stored the files: for each the
// newest upload whose object is in the store becomes the file. Repeating it is
// fine, and so are names that were never reserved (the SDK reports files that
// it skipped). On a disk there is nothing left to do.
func (f *Files) Complete(ctx context.Context, run ballast.Run, names []string) error {
	pending, err := f.pending(ctx, run.ID, names)
	if err != nil {
		return err
	}
	for _, u := range pending {
		bucket, err := f.bucket(u.Store)
		if err != nil {
			return err
		}
		info, err := bucket.Stat(ctx, u.Object)
		if ballast.Is(err, ballast.NotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking for the bytes of %q: %w", u.Name, err)
		}
		if err := f.FinishPut(ctx, u.Object, info); err != nil {
			return err
		}
	}
	return nil
}

// pending returns the open uploads of the names, oldest first, so that the
// newest is applied last.
func (f *Files) pending(ctx context.Context, runID int64, names []string) (open []meta.Upload, err error) {
	if names = cleanNames(names); len(names) == 0 {
		return nil, nil
	}
	for part := range slices.Chunk(names, askedAtOnce) {
		err := f.db.Read(ctx, func(tx *meta.Tx) error {
			some, err := tx.Uploads(runID, part...)
			open = append(open, some...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return open, nil
}

// random returns 32 hex digits that nobody can guess.
func random() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Target is where a snapshot is restored to.
type Target struct {
	Stores   map[int]blob.Bucket
	Secret   string   // where the secret key goes; "" when it is a setting
	Database string   // the SQLite file to make, which must not be there; or
	DB       *meta.DB // an empty store on MySQL
}

// Restore brings a snapshot ("" for the newest) to a target without a store:
// objects first, then the key, the database last, so that what was broken off
// is no store and can be restored again. Everything is compared with the sums
// that the backup took.
func Restore(ctx context.Context, dir, snapshot string, to Target) (*Info, error) {
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	info, list, err := pick(dir, snapshot)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "snapshots", info.Name)
	if err := checkFile(filepath.Join(path, databaseName), info.Database); err != nil {
		return nil, err
	}
	if err := to.isFree(ctx); err != nil {
		return nil, err
	}
	for _, e := range list {
		if err := restoreObject(ctx, dir, e, to); err != nil {
			return nil, err
		}
	}
	if info.Secret != "" && to.Secret != "" {
		body, err := os.ReadFile(filepath.Join(path, secretName))
		if err != nil {
			return nil, fmt.Errorf("reading the secret key of the snapshot: %w", err)
		}
		if err := writeFile(to.Secret, body); err != nil {
			return nil, fmt.Errorf("writing the secret key: %w", err)
		}
	}
	return info, to.database(ctx, filepath.Join(path, databaseName))
}

// pick returns a snapshot and its list, checked.
func pick(dir, snapshot string) (*Info, map[string]entry, error) {
	names, err := Snapshots(dir)
	if err != nil {
		return nil, nil, err
	}
	if len(names) == 0 {
		return nil, nil, ballast.Errorf(ballast.NotFound, "%s holds no whole snapshot", dir)
	}
	if snapshot == "" {
		snapshot = names[len(names)-1]
	}
	info, err := readInfo(dir, snapshot)
	if err != nil {
		return nil, nil, err
	}
	list, err := readList(dir, snapshot)
	return info, list, err
}

// isFree refuses a target that has a store.
func (to *Target) isFree(ctx context.Context) error {
	if to.DB == nil {
		if _, err := os.Lstat(to.Database); err == nil {
			return ballast.Errorf(ballast.Conflict, "there is a store at %s already: restore into an empty data folder", to.Database)
		}
		return nil
	}
	n, err := to.DB.Rows(ctx)
	if err == nil && n > 0 {
		return ballast.Errorf(ballast.Conflict, "the database has %d rows already: restore into an empty one", n)
	}
	return err
}

// restoreObject puts an object back, unless a restore that was broken off did.
func restoreObject(ctx context.Context, dir string, e entry, to Target) error {
	bucket := to.Stores[e.store]
	if bucket == nil {
		return ballast.Errorf(ballast.Invalid, "the snapshot has objects of store %d, which is not set up here", e.store)
	}
	r, err := objectOf(ctx, dir, e)
	if err != nil {
		return err
	}
	defer r.Close()
	sum := sha256.New()
	checked := &checking{r: io.TeeReader(r, sum), done: func() error {
		if hex.EncodeToString(sum.Sum(nil)) != e.sha {
			return ballast.Errorf(ballast.Internal, "object %s is damaged in the backup: restore another snapshot, or see \"ballast backup --check\"", e.name)
		}
		return nil
	}}
	if _, err := bucket.Put(ctx, e.name, checked, -1); err != nil {
		return fmt.Errorf("restoring object %s: %w", e.name, err)
	}
	return nil
}

func objectOf(ctx context.Context, dir string, e entry) (io.ReadCloser, error) {
	from, err := openObjects(dir, e.store)
	if err != nil {
		return nil, err
	}
	return from.Get(ctx, e.name, 0, -1)
}

// checking calls done at the end of what it reads.
type checking struct {
	r    io.Reader
	done func() error
}

func (c *checking) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err == io.EOF {
		if wrong := c.done(); wrong != nil {
			return n, wrong
		}
	}
	return n, err
}

// database makes the snapshot's database the target's.
func (to *Target) database(ctx context.Context, path string) error {
	if to.DB != nil {
		from, err := meta.Open(ctx, meta.Options{SQLite: path})
		if err != nil {
			return err
		}
		defer from.Close()
		if err := from.CopyInto(ctx, to.DB); err != nil {
			return err
		}
		return to.DB.Write(ctx, "having manifests written", (*meta.Tx).RenewRunManifests)
	}
	body, err := os.Open(path)
	if err != nil {
		return err
	}
	defer body.Close()
	half := to.Database + ".restoring"
	f, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the database: %w", err)
	}
	_, err = io.Copy(f, body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the database: %w", err)
	}
	if err := meta.RenewRunManifestsOf(ctx, half); err != nil {
		return err
	}
	if err := os.Rename(half, to.Database); err != nil {
		return fmt.Errorf("naming the database: %w", err)
	}
	return syncDir(filepath.Dir(to.Database))
}

func checkFile(path, want string) error {
	got, err := fileSum(path)
	if err == nil && got != want {
		return ballast.Errorf(ballast.Internal, "%s is damaged: its SHA-256 is %s, the backup wrote %s", path, got, want)
	}
	return err
}

// Check reads a snapshot ("" for the newest) whole and says what is wrong.
func Check(ctx context.Context, dir, snapshot string) (info *Info, wrong []string, err error) {
	info, list, err := pick(dir, snapshot)
	if err != nil {
		return nil, nil, err
	}
	if err := checkFile(filepath.Join(dir, "snapshots", info.Name, databaseName), info.Database); err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, e := range list {
		r, err := objectOf(ctx, dir, e)
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		sum := sha256.New()
		_, err = io.Copy(sum, r)
		r.Close()
		if err != nil || hex.EncodeToString(sum.Sum(nil)) != e.sha {
			wrong = append(wrong, fmt.Sprintf("object %s is damaged (%v)", e.name, err))
		}
	}
	return info, wrong, ctx.Err()
}

// Object returns an object as the newest snapshot has it, NotFound when it has
// none, Internal when it is damaged.
func Object(ctx context.Context, dir string) (func(ctx context.Context, store int, name string) ([]byte, error), error) {
	_, list, err := pick(dir, "")
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, store int, name string) ([]byte, error) {
		e, ok := list[key(store, name)]
		if !ok {
			return nil, ballast.Errorf(ballast.NotFound, "the backup has no object %s", name)
		}
		r, err := objectOf(ctx, dir, e)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		body, err := io.ReadAll(r)
		if sum := sha256.Sum256(body); err == nil && hex.EncodeToString(sum[:]) != e.sha {
			err = ballast.Errorf(ballast.Internal, "object %s is damaged in the backup", name)
		}
		return body, err
	}, ctx.Err()
}

// Chunk returns chunks of runs' tails as the newest snapshot has them, NotFound
// where it has none.
func Chunk(dir string) (func(ctx context.Context, run int64, stream ballast.Stream, row0 int64) (meta.Chunk, error), error) {
	info, _, err := pick(dir, "")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "snapshots", info.Name, databaseName)
	return func(ctx context.Context, run int64, stream ballast.Stream, row0 int64) (meta.Chunk, error) {
		return meta.SnapshotChunk(ctx, path, run, stream, row0)
	}, nil
}

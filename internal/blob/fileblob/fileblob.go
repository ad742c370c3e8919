// Package fileblob keeps a bucket's objects as files in a folder.
//
// An object is written to a temporary file, synced, renamed into place and its
// folder synced, so that a name shows the whole object or nothing. Folders are
// 0700, files 0600. Names that start with a dot are ours: .tmp holds what is
// being written, .parts the uploads in parts.
package fileblob

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	lru "github.com/hashicorp/golang-lru/v2"
)

// Options says how to open a bucket.
type Options struct {
	// URL is the external URL of the server, without a slash at the end.
	// Signed URLs are {URL}/storage/{Store}/{name}?…
	URL string
	// Store is the bucket's id, as object references carry it.
	Store int
	// Keys sign the URLs: the first signs, all verify.
	Keys []Key
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Bucket is a folder of objects. It implements [blob.Direct].
type Bucket struct {
	dir     string
	url     string
	path    string // "/storage/0/"
	signers []signer
	now     func() time.Time

	// place is held for reading while an object is put into its folder, and
	// for writing while empty folders are removed.
	place  sync.RWMutex
	synced *lru.Cache[string, struct{}] // folders known to survive a power cut

	joining sync.Mutex
	joins   map[string]*join // by upload
}

var _ blob.Direct = (*Bucket)(nil)

// How long unfinished writes and uploads are kept before Open removes them.
const (
	keepTemp  = 24 * time.Hour
	keepParts = 7 * 24 * time.Hour
)

// Open opens the folder dir as a bucket, making it when it does not exist.
func Open(dir string, o Options) (*Bucket, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	synced, err := lru.New[string, struct{}](4096)
	if err != nil {
		return nil, err
	}
	b := &Bucket{dir: filepath.Clean(dir), url: strings.TrimRight(o.URL, "/"), path: fmt.Sprintf("/storage/%d/", o.Store), now: o.Now, synced: synced, joins: map[string]*join{}}
	for _, k := range o.Keys {
		b.signers = append(b.signers, newSigner(k))
	}
	for _, d := range []string{b.dir, b.tmp(), b.uploads()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("making the object folder: %w", err)
		}
	}
	b.sweep()
	return b, nil
}

func (b *Bucket) tmp() string     { return filepath.Join(b.dir, ".tmp") }
func (b *Bucket) uploads() string { return filepath.Join(b.dir, ".parts") }

func (b *Bucket) file(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

// sweep removes what writers that died left behind. Faults do not matter: the
// next start tries again.
func (b *Bucket) sweep() {
	for dir, keep := range map[string]time.Duration{b.tmp(): keepTemp, b.uploads(): keepParts} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if info, err := e.Info(); err == nil && b.now().Sub(info.ModTime()) > keep {
				os.RemoveAll(filepath.Join(dir, e.Name()))
			}
		}
	}
}

// Put implements [blob.Bucket].
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader, size int64) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	return b.write(ctx, name, b.file(name), r, limits{size: size, max: -1})
}

// limits is what a body must keep to.
type limits struct {
	size int64  // the exact length, -1 unknown
	max  int64  // the longest, -1 any
	md5  []byte // the content, nil any
}

func (l limits) check(name string, n int64, sum []byte) error {
	switch {
	case l.max >= 0 && n > l.max:
		return ballast.Errorf(ballast.TooLarge, "storing %s: the body has more than the %d bytes that its URL allows", name, l.max)
	case l.size >= 0 && n != l.size:
		return ballast.Errorf(ballast.Invalid, "storing %s: the body has %d bytes, %d were announced", name, n, l.size)
	case l.md5 != nil && string(l.md5) != string(sum):
		return ballast.Errorf(ballast.Invalid, "storing %s: the body's MD5 is not the one that its URL allows", name)
	}
	return nil
}

// write streams r into a temporary file and makes it the file at path.
func (b *Bucket) write(ctx context.Context, name, path string, r io.Reader, l limits) (blob.Info, error) {
	return b.writeNamed(ctx, name, func([]byte) string { return path }, r, l)
}

// writeNamed is write to a path that the MD5 of the bytes decides.
func (b *Bucket) writeNamed(ctx context.Context, name string, path func(sum []byte) string, r io.Reader, l limits) (blob.Info, error) {
	if l.max >= 0 && l.size > l.max {
		return blob.Info{}, l.check(name, l.size, nil)
	}
	f, err := os.CreateTemp(b.tmp(), "put-")
	if err != nil {
		return blob.Info{}, storeFault(err, name)
	}
	defer os.Remove(f.Name()) // gone already after the rename
	defer f.Close()
	stop := int64(math.MaxInt64)
	if l.max >= 0 {
		stop = l.max + 1
	}
	sum := md5.New()
	n, err := io.CopyBuffer(io.MultiWriter(f, sum), io.LimitReader(&ctxReader{ctx, r}, stop), make([]byte, 128<<10))
	if err != nil {
		return blob.Info{}, storeFault(err, name)
	}
	info := blob.Info{Name: name, Bytes: n, MD5: sum.Sum(nil), Modified: b.now().UTC()}
	if err := l.check(name, n, info.MD5); err != nil {
		return blob.Info{}, err
	}
	if err := f.Sync(); err != nil {
		return blob.Info{}, storeFault(err, name)
	}
	if err := b.rename(f.Name(), path(info.MD5)); err != nil {
		return blob.Info{}, storeFault(err, name)
	}
	return info, nil
}

// rename moves a synced file to its place, durably.
func (b *Bucket) rename(from, to string) error {
	b.place.RLock()
	defer b.place.RUnlock()
	dir := filepath.Dir(to)
	if err := b.makeDir(dir); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(dir)
}

// makeDir makes a folder inside the bucket and syncs the one that holds it.
// Several goroutines may do so at once; each syncs for itself.
func (b *Bucket) makeDir(dir string) error {
	if _, ok := b.synced.Get(dir); ok || dir == b.dir {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := b.makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := syncDir(parent); err != nil {
		return err
	}
	b.synced.Add(dir, struct{}{})
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Get implements [blob.Bucket].
func (b *Bucket) Get(ctx context.Context, name string, off, n int64) (io.ReadCloser, error) {
	f, info, err := b.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if off < 0 || off > info.Bytes {
		f.Close()
		return nil, ballast.Errorf(ballast.Invalid, "reading %s from byte %d: it has %d bytes", name, off, info.Bytes)
	}
	if n < 0 || n > info.Bytes-off {
		n = info.Bytes - off
	}
	return &section{io.NewSectionReader(f, off, n), f}, nil
}

type section struct {
	*io.SectionReader
	f *os.File
}

func (s *section) Close() error { return s.f.Close() }

// Open implements [blob.Direct].
func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, blob.Info, error) {
	f, info, err := b.open(ctx, name)
	if err != nil {
		return nil, blob.Info{}, err
	}
	return f, info, nil
}

func (b *Bucket) open(ctx context.Context, name string) (*os.File, blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, blob.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, blob.Info{}, fault(err, "opening", name)
	}
	f, err := os.Open(b.file(name))
	if err != nil {
		return nil, blob.Info{}, fault(err, "opening", name)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, blob.Info{}, fault(err, "opening", name)
	}
	return f, infoOf(name, st), nil
}

// Stat implements [blob.Bucket]. The MD5 is not known.
func (b *Bucket) Stat(_ context.Context, name string) (blob.Info, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Info{}, err
	}
	st, err := os.Stat(b.file(name))
	if err == nil && st.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return blob.Info{}, fault(err, "looking at", name)
	}
	return infoOf(name, st), nil
}

func infoOf(name string, st fs.FileInfo) blob.Info {
	return blob.Info{Name: name, Bytes: st.Size(), Modified: st.ModTime().UTC()}
}

// Delete implements [blob.Bucket]. Folders that become empty go too.
func (b *Bucket) Delete(_ context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	path := b.file(name)
	if err := os.Remove(path); err != nil && !absent(err) {
		if st, e := os.Stat(path); e == nil && st.IsDir() {
			return nil // a folder is no object
		}
		return fault(err, "deleting", name)
	}
	b.prune(filepath.Dir(path))
	return nil
}

// prune removes dir and the folders above it while they are empty.
func (b *Bucket) prune(dir string) {
	if dir == b.dir || !isEmpty(dir) {
		return
	}
	b.place.Lock()
	defer b.place.Unlock()
	for dir != b.dir {
		b.synced.Remove(dir)
		if os.Remove(dir) != nil {
			return
		}
		dir = filepath.Dir(dir)
	}
}

func isEmpty(dir string) bool {
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	_, err = d.Readdirnames(1)
	return errors.Is(err, io.EOF)
}

// absent reports whether err means that there is no such file; a segment of
// the path that is a file itself counts too.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "not a directory")
}

// fault gives an error of the file system its kind. An error that has one, of
// a body for instance, is left alone.
func fault(err error, doing, name string) error {
	var e *ballast.Error
	switch {
	case errors.As(err, &e):
		return err
	case absent(err):
		return ballast.Wrap(ballast.NotFound, err, "%s object %s: there is none", doing, name)
	default:
		return ballast.Wrap(ballast.Unavailable, err, "%s object %s failed", doing, name)
	}
}

// storeFault is fault for writing: a folder of ours that is missing, on a disk
// that is not mounted perhaps, is no reason to give an upload up for good.
func storeFault(err error, name string) error {
	if absent(err) {
		return ballast.Wrap(ballast.Unavailable, err, "storing object %s failed", name)
	}
	return fault(err, "storing", name)
}

// ctxReader ends a stream when the context does.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Package backup keeps copies of a whole installation in a folder, taken while
// servers run.
//
//	objects/<store>/<name>         each object once, however many snapshots name it
//	snapshots/<time>/ballast.db    everything in SQL at one moment, as a SQLite file
//	snapshots/<time>/objects.tsv   store, bytes, SHA-256 and name of each object that it names
//	snapshots/<time>/secret.key    the secret key, when it lies in the data folder
//	snapshots/<time>/snapshot.json what this is, written last
//
// A snapshot is consistent: the database is copied out of one transaction, and
// the collector of the servers leaves every object alone from before that
// moment until all that it names are here. Objects never change, so what an
// earlier snapshot brought is not copied again. Each object is compared with
// what its row or its name says while it is copied; what is wrong is reported
// and not taken.
package backup

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Names in the folder.
const (
	databaseName = "ballast.db"
	listName     = "objects.tsv"
	secretName   = "secret.key"
	infoName     = "snapshot.json"
	lockName     = "lock"
	format       = 1
)

// Info is what snapshot.json says.
type Info struct {
	Format   int       `json:"format"`
	Name     string    `json:"name"`
	Made     time.Time `json:"made"`
	Version  string    `json:"version"` // of the binary
	Schema   int       `json:"schema"`
	Database string    `json:"database_sha256"`
	List     string    `json:"list_sha256"`
	Secret   string    `json:"secret_sha256,omitempty"`
	Objects  int64     `json:"objects"`
	Bytes    int64     `json:"bytes"` // of the objects
	Copied   int64     `json:"copied"`
	CopiedB  int64     `json:"copied_bytes"`
	Pruned   int64     `json:"pruned,omitempty"` // objects that no snapshot needs any more
	Wrong    []string  `json:"wrong,omitempty"`  // what could not be taken
}

// Options say what is backed up and how.
type Options struct {
	Dir     string
	Stores  map[int]blob.Bucket
	Secret  string // the file with the secret key, "" when it is a setting
	Version string
	Keep    int // snapshots that stay, at least 1
	Log     *slog.Logger
	Now     func() time.Time
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Keep = max(1, o.Keep)
}

// How long the collector holds still, and how often that is renewed.
const (
	holdFor   = 10 * time.Minute
	holdEvery = time.Minute
)

// entry is a line of objects.tsv.
type entry struct {
	store int
	bytes int64
	sha   string
	name  string
}

// making is a backup under way.
type making struct {
	opt    Options
	db     *meta.DB
	info   *Info
	known  map[string]entry // of the newest snapshot before, by store and name
	have   map[string]bool
	stores map[int]*fileblob.Bucket
	list   *bufio.Writer
}

// Make takes a snapshot. What could not be taken is in Info.Wrong; an error
// says that there is no new snapshot.
func Make(ctx context.Context, db *meta.DB, o Options) (*Info, error) {
	o.fill()
	if err := os.MkdirAll(filepath.Join(o.Dir, "snapshots"), 0o700); err != nil {
		return nil, fmt.Errorf("making the backup folder: %w", err)
	}
	unlock, err := lock(o.Dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m := &making{opt: o, db: db, info: &Info{Format: format, Made: o.Now().UTC(), Version: o.Version}, have: map[string]bool{}, stores: map[int]*fileblob.Bucket{}}
	m.info.Name = m.info.Made.Format("20060102T150405.000Z")
	if m.known, err = newestList(o.Dir); err != nil {
		return nil, err
	}
	release, err := m.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	dir := filepath.Join(o.Dir, "snapshots", "."+m.info.Name)
	defer os.RemoveAll(dir) // when it was not renamed
	if err := m.fillSnapshot(ctx, dir); err != nil {
		return nil, err
	}
	if err := m.finish(dir); err != nil {
		return nil, err
	}
	m.info.Pruned, err = m.prune(ctx)
	return m.info, err
}

// lock keeps a second backup out of the folder.
func lock(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the backup folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ballast.Errorf(ballast.Conflict, "another backup or restore uses the folder %s: wait for it", dir)
		}
		return nil, fmt.Errorf("locking the backup folder %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}

// hold keeps the servers' collector still until release is called. The hold is
// left to run out: another backup may rely on it.
func (m *making) hold(ctx context.Context) (release func(), err error) {
	take := func(ctx context.Context) error {
		return m.db.Write(ctx, "holding objects for a backup", func(tx *meta.Tx) error { return tx.HoldObjects(m.opt.Now().Add(holdFor)) })
	}
	if err := take(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t := time.NewTicker(holdEvery); ; {
			select {
			case <-t.C:
				if err := take(ctx); err != nil && ctx.Err() == nil {
					m.opt.Log.Warn("holding objects for a backup failed, it is tried again", "error", err)
				}
			case <-ctx.Done():
				t.Stop()
				return
			}
		}
	}()
	return func() { cancel(); <-done }, nil
}

// fillSnapshot writes all but snapshot.json into a folder.
func (m *making) fillSnapshot(ctx context.Context, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making the snapshot's folder: %w", err)
	}
	path := filepath.Join(dir, databaseName)
	if err := m.db.Snapshot(ctx, path); err != nil {
		return err
	}
	if err := m.copySecret(dir); err != nil {
		return err
	}
	copied, err := meta.Open(ctx, meta.Options{SQLite: path, Log: m.opt.Log})
	if err != nil {
		return fmt.Errorf("opening the snapshot: %w", err)
	}
	defer copied.Close()
	if m.info.Schema, err = copied.SchemaVersion(ctx); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, listName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	m.list = bufio.NewWriter(io.MultiWriter(f, sum))
	err = copied.Read(ctx, func(tx *meta.Tx) error {
		return tx.EachNamed(func(n meta.Named) error { return m.object(ctx, n) })
	})
	if err = errors.Join(err, m.list.Flush(), f.Sync()); err != nil {
		return err
	}
	m.info.List = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func (m *making) copySecret(dir string) error {
	if m.opt.Secret == "" {
		return nil
	}
	body, err := os.ReadFile(m.opt.Secret)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the secret key: %w", err)
	}
	sum := sha256.Sum256(body)
	m.info.Secret = hex.EncodeToString(sum[:])
	return writeFile(filepath.Join(dir, secretName), body)
}

// object takes one object, unless it is here.
func (m *making) object(ctx context.Context, n meta.Named) error {
	id := key(n.Store, n.Object)
	if m.have[id] {
		return nil
	}
	m.have[id] = true
	to, err := m.store(n.Store)
	if err != nil {
		return err
	}
	e, known := m.known[id]
	if known {
		if at, err := to.Stat(ctx, n.Object); err != nil || at.Bytes != e.bytes {
			known = false
		}
	}
	if !known {
		if e, err = m.copy(ctx, to, n); ballast.Is(err, ballast.NotFound) || ballast.Is(err, ballast.Internal) {
			m.info.Wrong = append(m.info.Wrong, err.Error())
			return nil
		} else if err != nil {
			return err
		}
		m.info.Copied++
		m.info.CopiedB += e.bytes
	}
	m.info.Objects++
	m.info.Bytes += e.bytes
	_, err = fmt.Fprintf(m.list, "%d\t%d\t%s\t%s\n", e.store, e.bytes, e.sha, e.name)
	return err
}

func key(store int, name string) string { return strconv.Itoa(store) + "/" + name }

// store opens the folder of a store's objects.
func (m *making) store(id int) (*fileblob.Bucket, error) {
	if b := m.stores[id]; b != nil {
		return b, nil
	}
	b, err := openObjects(m.opt.Dir, id)
	m.stores[id] = b
	return b, err
}

func openObjects(dir string, store int) (*fileblob.Bucket, error) {
	return fileblob.Open(filepath.Join(dir, "objects", strconv.Itoa(store)), fileblob.Options{Store: store})
}

// copy streams an object into the backup and compares it meanwhile. Internal
// says that its bytes are not what was stored.
func (m *making) copy(ctx context.Context, to *fileblob.Bucket, n meta.Named) (entry, error) {
	from := m.opt.Stores[n.Store]
	if from == nil {
		return entry{}, ballast.Errorf(ballast.NotFound, "object %s is in store %d, which is not set up here", n.Object, n.Store)
	}
	r, err := from.Get(ctx, n.Object, 0, -1)
	if err != nil {
		return entry{}, fmt.Errorf("%s %s: %w", n.Kind, n.Object, err)
	}
	defer r.Close()
	sum := &summing{r: r, named: n}
	sum.sha, sum.md5 = sha256.New(), md5.New()
	if _, err := to.Put(ctx, n.Object, sum, -1); err != nil {
		return entry{}, fmt.Errorf("%s %s: %w", n.Kind, n.Object, err)
	}
	return entry{store: n.Store, bytes: sum.n, sha: hex.EncodeToString(sum.sha.Sum(nil)), name: n.Object}, nil
}

// finish makes the folder a snapshot: snapshot.json is last, then the name.
func (m *making) finish(dir string) error {
	var err error
	if m.info.Database, err = fileSum(filepath.Join(dir, databaseName)); err != nil {
		return err
	}
	body, err := json.MarshalIndent(m.info, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, infoName), body); err != nil {
		return err
	}
	for _, left := range []string{databaseName + "-wal", databaseName + "-shm"} {
		os.Remove(filepath.Join(dir, left))
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.Rename(dir, filepath.Join(parent, m.info.Name)); err != nil {
		return fmt.Errorf("naming the snapshot: %w", err)
	}
	return syncDir(parent)
}

// prune removes the oldest snapshots and what only they name.
func (m *making) prune(ctx context.Context) (int64, error) {
	names, err := Snapshots(m.opt.Dir)
	if err != nil {
		return 0, err
	}
	if len(names) > m.opt.Keep {
		for _, name := range names[:len(names)-m.opt.Keep] {
			if err := os.RemoveAll(filepath.Join(m.opt.Dir, "snapshots", name)); err != nil {
				return 0, fmt.Errorf("removing snapshot %s: %w", name, err)
			}
		}
		names = names[len(names)-m.opt.Keep:]
	}
	needed := map[string]bool{}
	for _, name := range names {
		list, err := readList(m.opt.Dir, name)
		if err != nil {
			return 0, err
		}
		for id := range list {
			needed[id] = true
		}
	}
	return m.dropUnneeded(ctx, needed)
}

func (m *making) dropUnneeded(ctx context.Context, needed map[string]bool) (gone int64, err error) {
	folders, err := os.ReadDir(filepath.Join(m.opt.Dir, "objects"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, folder := range folders {
		id, e := strconv.Atoi(folder.Name())
		if e != nil {
			continue
		}
		b, e := m.store(id)
		if e != nil {
			return gone, e
		}
		for after := ""; ; {
			page, err := b.List(ctx, "", after, 1000)
			if err != nil {
				return gone, err
			}
			if len(page) == 0 {
				break
			}
			for _, o := range page {
				if !needed[key(id, o.Name)] {
					if err := b.Delete(ctx, o.Name); err != nil {
						return gone, err
					}
					gone++
				}
			}
			after = page[len(page)-1].Name
		}
	}
	return gone, err
}

// Snapshots lists the whole snapshots of a folder, the oldest first.
func Snapshots(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "snapshots"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ballast.Errorf(ballast.NotFound, "%s holds no backup", dir)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// newestList is the list of the newest snapshot, empty when there is none.
func newestList(dir string) (map[string]entry, error) {
	names, err := Snapshots(dir)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return readList(dir, names[len(names)-1])
}

func readList(dir, snapshot string) (map[string]entry, error) {
	info, err := readInfo(dir, snapshot)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "snapshots", snapshot, listName)
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the list of snapshot %s: %w", snapshot, err)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != info.List {
		return nil, ballast.Errorf(ballast.Internal, "%s is damaged: its SHA-256 is not the one in %s", path, infoName)
	}
	list := map[string]entry{}
	for line := range strings.Lines(string(body)) {
		var e entry
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, ballast.Errorf(ballast.Internal, "%s has a line that is none: %.100q", path, line)
		}
		e.store, _ = strconv.Atoi(f[0])
		e.bytes, _ = strconv.ParseInt(f[1], 10, 64)
		e.sha, e.name = f[2], f[3]
		list[key(e.store, e.name)] = e
	}
	return list, nil
}

func readInfo(dir, snapshot string) (*Info, error) {
	path := filepath.Join(dir, "snapshots", snapshot, infoName)
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading what snapshot %s is: %w", snapshot, err)
	}
	var info Info
	if err := json.Unmarshal(body, &info); err != nil {
		return nil, ballast.Wrap(ballast.Internal, err, "%s is damaged", path)
	}
	if info.Format != format {
		return nil, ballast.Errorf(ballast.Invalid, "snapshot %s has the format %d, this binary knows %d: use the release that made it (%s)", snapshot, info.Format, format, info.Version)
	}
	return &info, nil
}

// named64 is the first 64 bits of the SHA-256 of what is in an object, as the
// names of segments and console blocks carry it.
var named64 = regexp.MustCompile(`^(?:history|console)/.*-([0-9a-f]{16})-[a-z0-9]+\.(?:parquet|blk)$`)

// summing sums what is read through it, and at the end fails when the bytes
// are not those that were stored.
type summing struct {
	r        io.Reader
	named    meta.Named
	n        int64
	sha, md5 interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	s.sha.Write(p[:n])
	s.md5.Write(p[:n])
	if err == io.EOF {
		if wrong := s.check(); wrong != nil {
			return n, wrong
		}
	}
	return n, err
}

func (s *summing) check() error {
	o := s.named
	m := named64.FindStringSubmatch(o.Object)
	switch {
	case o.Bytes >= 0 && o.Bytes != s.n:
		return ballast.Errorf(ballast.Internal, "object %s has %d bytes, %d were stored", o.Object, s.n, o.Bytes)
	case o.MD5 != nil && !slices.Equal(o.MD5, s.md5.Sum(nil)), m != nil && m[1] != hex.EncodeToString(s.sha.Sum(nil)[:8]):
		return ballast.Errorf(ballast.Internal, "object %s is damaged: its bytes are not those that were stored", o.Object)
	}
	return nil
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// writeFile writes a file durably.
func writeFile(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

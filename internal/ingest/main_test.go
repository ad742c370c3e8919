package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

func TestMain(m *testing.M) { metatest.Main(m) }

// errBroken is a fault that a test made.
var errBroken = errors.New("broken for the test")

// faults break calls at random, before or after they were done.
type faults struct {
	mu   sync.Mutex
	rnd  *rand.Rand
	rate float64
}

func (f *faults) flip() (before, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.rnd.Float64()
	return x < f.rate/2, x >= f.rate/2 && x < f.rate
}

func (f *faults) set(rate float64) {
	f.mu.Lock()
	f.rate = rate
	f.mu.Unlock()
}

// brokenStore breaks writes.
type brokenStore struct {
	*meta.DB
	*faults
}

func (s brokenStore) Write(ctx context.Context, what string, fn func(*meta.Tx) error) error {
	before, after := s.flip()
	if before {
		return errBroken
	}
	err := s.DB.Write(ctx, what, fn)
	if err == nil && after {
		return errBroken
	}
	return err
}

// memBucket keeps objects in memory, breaks puts, and checks that no object
// but a manifest is ever changed.
type memBucket struct {
	blob.Bucket
	*faults
	mu      sync.Mutex
	objects map[string][]byte

	beforeManifest func() // runs before a manifest is put
}

func (b *memBucket) Put(_ context.Context, name string, r io.Reader, _ int64) (blob.Info, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return blob.Info{}, err
	}
	before, after := b.flip()
	if before {
		return blob.Info{}, errBroken
	}
	if b.beforeManifest != nil && meta.IsRunManifest(name) {
		b.beforeManifest()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.objects[name]; ok && !bytes.Equal(old, data) && !meta.IsRunManifest(name) {
		return blob.Info{}, fmt.Errorf("object %s changed", name)
	}
	b.objects[name] = data
	if after {
		return blob.Info{}, errBroken
	}
	return blob.Info{Name: name, Bytes: int64(len(data))}, nil
}

func (b *memBucket) Get(_ context.Context, name string, off, n int64) (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.objects[name]
	if !ok {
		return nil, ballast.Errorf(ballast.NotFound, "object %s is missing", name)
	}
	return io.NopCloser(bytes.NewReader(data[off : off+n])), nil
}

func (b *memBucket) Delete(_ context.Context, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
	return nil
}

func (b *memBucket) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.objects)
}

// site is a write path over a store and a bucket that can be broken.
type site struct {
	*Ingest
	meta   *meta.DB
	bucket *memBucket
	faults *faults
}

// tiny are thresholds that make every kind of background work happen soon.
var tiny = SealOptions{Bytes: 1, Chunks: 8, Small: 1 << 60, Wide: 600, Merge: 3, Window: 10, BlockOf: 20}

func newSite(t testing.TB, db *meta.DB, seed uint64, o Options) *site {
	t.Helper()
	s := &site{meta: db, faults: &faults{rnd: rand.New(rand.NewPCG(seed, 1))}}
	s.bucket = &memBucket{faults: s.faults, objects: map[string][]byte{}}
	in, err := open(brokenStore{db, s.faults}, s.bucket, sqlqueue.New(db), o)
	if err != nil {
		t.Fatal(err)
	}
	s.Ingest = in
	t.Cleanup(func() { in.Close() })
	return s
}

func (s *site) newRun(t testing.TB, name string) int64 {
	t.Helper()
	var id int64
	err := s.meta.Write(context.Background(), "making a run", func(tx *meta.Tx) error {
		e, err := tx.EntityByName("team")
		if ballast.Is(err, ballast.NotFound) {
			e, err = tx.CreateEntity("team", ballast.Team, 0)
		}
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "proj", 0, s.now())
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: name})
		id = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// request decodes a body as the server does.
func request(t testing.TB, run int64, body string) Request {
	t.Helper()
	req, err := filestream.Decode([]byte(body), new(filestream.Decoder))
	if err != nil {
		t.Fatalf("%.200s: %v", body, err)
	}
	return Request{RunID: run, Request: req}
}

// stream is a file of a body.
func stream(file string, offset int, lines ...string) string {
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = `"` + strings.ReplaceAll(strings.ReplaceAll(l, `\`, `\\`), `"`, `\"`) + `"`
	}
	return fmt.Sprintf(`"%s":{"offset":%d,"content":[%s]}`, file, offset, strings.Join(quoted, ","))
}

func files(parts ...string) string { return `{"files":{` + strings.Join(parts, ",") + `}}` }

// rows reads all visible rows of a stream as JSON, from segments and tail, and
// fails when a listed object is missing or a row is there twice.
func (s *site) rows(t testing.TB, run int64, stream ballast.Stream) []string {
	t.Helper()
	got, err := s.readRows(t.Context(), run, stream)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (s *site) readRows(ctx context.Context, run int64, stream ballast.Stream) ([]string, error) {
	var v meta.StreamView
	err := s.meta.Read(ctx, func(tx *meta.Tx) error {
		var err error
		v, err = tx.StreamView(run, stream)
		return err
	})
	if err != nil {
		return nil, err
	}
	table := history.NewTable(0, v.Rows)
	next := int64(0)
	for _, g := range v.Segments {
		if g.Row0 < next {
			return nil, fmt.Errorf("segment %s begins at row %d, before %d", g.Object, g.Row0, next)
		}
		next = g.Row0 + g.Visible
		open, err := OpenSegment(ctx, s.opt.Stores, g, nil)
		if err != nil {
			return nil, err
		}
		if err := history.Hide(open, hiddenOf(v.Erased)).Table(ctx, table); err != nil {
			return nil, err
		}
	}
	for _, c := range v.Tail {
		if c.Row0 < next {
			return nil, fmt.Errorf("a chunk begins at row %d, before %d", c.Row0, next)
		}
		next = c.Row0 + int64(c.Rows)
	}
	if len(v.Tail) > 0 {
		tail, err := openTail(v.Tail)
		if err != nil {
			return nil, err
		}
		if err := history.Hide(tail, hiddenOf(v.Erased)).Table(ctx, table); err != nil {
			return nil, err
		}
	}
	var all []string
	for row := range v.Rows {
		all = append(all, string(table.AppendRowJSON(nil, row, history.RowOptions{})))
	}
	return all, nil
}

// consoleView is a run's console to be read: blocks are fetched from their stores as
// they are needed.
func consoleView(stores map[int]blob.Bucket, v *meta.ConsoleView) *console.View {
	w := &console.View{Total: v.Lines}
	for _, b := range v.Blocks {
		w.Blocks = append(w.Blocks, console.Block{Line0: b.Line0, Lines: b.Lines, Levels: b.Levels, TimeMin: b.TimeMin, TimeMax: b.TimeMax,
			Fetch: func(ctx context.Context) ([]byte, error) { return fetchBlock(ctx, stores, b) }})
	}
	for _, c := range v.Chunks {
		w.Versions = append(w.Versions, console.Version{Line0: c.Line0, Lines: c.Lines, Data: c.Data})
	}
	return w
}

func fetchBlock(ctx context.Context, stores map[int]blob.Bucket, b meta.ConsoleBlock) ([]byte, error) {
	bucket := stores[b.Store]
	if bucket == nil {
		return nil, ballast.Errorf(ballast.Internal, "console block %s is in store %d, which is not configured", b.Object, b.Store)
	}
	r, err := bucket.Get(ctx, b.Object, b.Off, b.Len)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, b.Len)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, ballast.Wrap(ballast.Unavailable, err, "reading %d bytes at %d of %s", b.Len, b.Off, b.Object)
	}
	return data, nil
}

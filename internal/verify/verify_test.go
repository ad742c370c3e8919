package verify_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/internal/verify"
)

// site is a store on disk with one run, "ada/p/r1".
type site struct {
	t      *testing.T
	db     *meta.DB
	path   string // of the database
	folder string // of the objects
	bucket *fileblob.Bucket
	in     *ingest.Ingest
	run    int64
	rows   int
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, path: filepath.Join(dir, "meta.db"), folder: filepath.Join(dir, "objects")}
	var err error
	if s.db, err = meta.Open(t.Context(), meta.Options{SQLite: s.path, Migrate: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	if s.bucket, err = fileblob.Open(s.folder, fileblob.Options{}); err != nil {
		t.Fatal(err)
	}
	o := ingest.Options{Seal: ingest.SealOptions{Chunks: 8, Small: 1, Merge: 3, Window: 10, BlockOf: 20}}
	if s.in, err = ingest.Open(t.Context(), s.db, s.bucket, sqlqueue.New(s.db), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.in.Close() })
	err = s.db.Write(t.Context(), "making a run", func(tx *meta.Tx) error {
		e, err := tx.CreateEntity("ada", ballast.Team, 0)
		if err != nil {
			return err
		}
		p, _, err := tx.EnsureProject(e.ID, "p", 0, time.Now())
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: "r1"})
		s.run = r.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// log appends n rows, and a console line for each.
func (s *site) log(n int) {
	s.t.Helper()
	var rows, lines []string
	for i := s.rows; i < s.rows+n; i++ {
		rows = append(rows, fmt.Sprintf(`"{\"_step\":%d,\"loss\":%g,\"acc\":%d}"`, i, 1/float64(i+3), i*i))
		lines = append(lines, fmt.Sprintf(`"line %d"`, i))
	}
	body := fmt.Sprintf(`{"files":{"wandb-history.jsonl":{"offset":%d,"content":[%s]},"output.log":{"offset":%d,"content":[%s]}}}`,
		s.rows, strings.Join(rows, ","), s.rows, strings.Join(lines, ","))
	req, err := filestream.Decode([]byte(body), new(filestream.Decoder))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.in.Append(s.t.Context(), ingest.Request{RunID: s.run, Request: req}); err != nil {
		s.t.Fatal(err)
	}
	s.rows += n
}

func (s *site) do(what func(context.Context, int64) error) {
	s.t.Helper()
	if err := what(s.t.Context(), s.run); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) stores() map[int]blob.Bucket { return map[int]blob.Bucket{0: s.bucket} }

func (s *site) check(o verify.Options) *verify.Report {
	s.t.Helper()
	o.Stores = s.stores()
	r, err := verify.Store(s.t.Context(), s.db, o)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *site) view() (v meta.StreamView) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(tx *meta.Tx) (err error) {
		v, err = tx.StreamView(s.run, ballast.History)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// read reads all rows as a reader does; an error is damage that was noticed.
func (s *site) read() ([]string, error) {
	v := s.view()
	table := history.NewTable(0, v.Rows)
	for _, g := range v.Segments {
		open, err := ingest.OpenSegment(s.t.Context(), s.stores(), g, nil)
		if err == nil {
			err = open.Table(s.t.Context(), table)
		}
		if err != nil {
			return nil, err
		}
	}
	var chunks []history.TailChunk
	for _, c := range v.Tail {
		chunks = append(chunks, history.TailChunk{Row0: c.Row0, Rows: c.Rows, Data: c.Data})
	}
	if len(chunks) > 0 {
		tail, err := history.OpenTail(chunks)
		if err == nil {
			err = tail.Table(s.t.Context(), table)
		}
		if err != nil {
			return nil, err
		}
	}
	var all []string
	for row := range v.Rows {
		all = append(all, string(table.AppendRowJSON(nil, row, history.RowOptions{})))
	}
	return all, nil
}

func (s *site) object(g meta.Segment) string { return filepath.Join(s.folder, g.Object) }

// exec changes the database behind everybody's back.
func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		s.t.Fatal(err)
	}
}

func flip(t *testing.T, path string, bit int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sealed is a site with a sealed segment, console blocks and a tail.
func sealed(t *testing.T) *site {
	s := newSite(t)
	for range 4 {
		s.log(20)
	}
	s.do(s.in.Seal)
	s.do(s.in.SealConsole)
	s.log(3)
	if v := s.view(); len(v.Segments) != 1 || len(v.Tail) != 1 {
		t.Fatalf("%d segments, %d chunks", len(v.Segments), len(v.Tail))
	}
	return s
}

func TestSound(t *testing.T) {
	s := sealed(t)
	r := s.check(verify.Options{Ingest: s.in})
	if len(r.Findings) != 0 || r.Runs != 1 || r.Segments != 1 || r.Objects != 2 || r.Chunks < 2 {
		t.Errorf("a sound store: %+v", r)
	}
}

// TestFlips flips every Nth bit of all that holds rows. Each is found, with
// run and rows, and what is read with it is an error or what was stored.
func TestFlips(t *testing.T) {
	s := sealed(t)
	want, err := s.read()
	if err != nil || len(want) != 83 {
		t.Fatal(len(want), err)
	}
	same := func(what string, bit int) {
		t.Helper()
		if got, err := s.read(); err == nil && !slices.Equal(got, want) {
			t.Fatalf("bit %d of %s flipped: other rows were read:\n%s", bit, what, cmp.Diff(want, got))
		}
	}
	found := func(what string, bit int, sort string) {
		t.Helper()
		r := s.check(verify.Options{})
		if len(r.Findings) == 0 {
			t.Fatalf("bit %d of %s flipped, nothing was found", bit, what)
		}
		if f := r.Findings[0]; f.What != sort || f.Run != "ada/p/r1" || f.Stream == "" || f.RowTo <= f.RowFrom {
			t.Fatalf("bit %d of %s flipped: %+v", bit, what, f)
		}
	}
	v := s.view()
	path := s.object(v.Segments[0])
	for bit := 3; bit < 8*int(v.Segments[0].Bytes); bit += 101 {
		flip(t, path, bit)
		same("the segment", bit)
		found("the segment", bit, "segment")
		flip(t, path, bit)
	}
	columns := []struct {
		what, sort, query string
		value             []byte
	}{
		{"the directory", "directory", "UPDATE segment SET dir=? WHERE run=?", v.Segments[0].Dir},
		{"the tail", "tail", "UPDATE tail SET data=? WHERE run=?", v.Tail[0].Data},
	}
	for _, c := range columns {
		for bit := 1; bit < 8*len(c.value); bit += 37 {
			bad := bytes.Clone(c.value)
			bad[bit/8] ^= 1 << (bit % 8)
			s.exec(c.query, bad, s.run)
			same(c.what, bit)
			found(c.what, bit, c.sort)
		}
		s.exec(c.query, c.value, s.run)
	}
	blocks, err := filepath.Glob(filepath.Join(s.folder, "console", "*", "*.blk"))
	if err != nil || len(blocks) != 1 {
		t.Fatal(blocks, err)
	}
	info, err := os.Stat(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	for bit := 5; bit < 8*int(info.Size()); bit += 211 {
		flip(t, blocks[0], bit)
		found("the console", bit, "console")
		flip(t, blocks[0], bit)
	}
	if r := s.check(verify.Options{}); len(r.Findings) != 0 {
		t.Errorf("with all bits as they were: %+v", r.Findings)
	}
}

// TestRepair damages what can be repaired from what is there.
func TestRepair(t *testing.T) {
	tests := []struct {
		name, sort, how string
		backup          bool
		hurt            func(s *site)
	}{
		{"directory", "directory", "taken from the object", false, func(s *site) { s.exec("UPDATE segment SET dir=x'00112233'") }},
		{"footer", "segment", "its own values", false, func(s *site) {
			g := s.view().Segments[0]
			flip(s.t, s.object(g), 8*int(g.Bytes-20))
		}},
		{"page of a merged segment", "segment", "that it was merged of", false, func(s *site) {
			g := s.view().Segments[0]
			for at := 8 * 40; at < 8*int(g.DirOff); at += 8 * 16 {
				flip(s.t, s.object(g), at)
			}
		}},
		{"merged segment lost", "segment", "that it was merged of", false, func(s *site) { os.Remove(s.object(s.view().Segments[0])) }},
		{"segment lost", "segment", "from the backup", true, func(s *site) { os.Remove(s.object(s.view().Segments[0])) }},
		{"console lost", "console", "from the backup", true, func(s *site) {
			blocks, _ := filepath.Glob(filepath.Join(s.folder, "console", "*", "*.blk"))
			os.Remove(blocks[0])
		}},
		{"counters", "counter", "counted again", false, func(s *site) { s.exec("UPDATE hist SET tail_bytes=tail_bytes+1") }},
		{"given up", "list", "it is kept", false, func(s *site) { s.exec("UPDATE object SET bytes=-1 WHERE name=?", s.view().Segments[0].Object) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			for range 3 {
				s.log(70)
				s.do(s.in.Seal)
			}
			s.do(s.in.Compact)
			s.do(s.in.SealConsole)
			s.log(2)
			if v := s.view(); len(v.Segments) != 1 {
				t.Fatalf("%d segments", len(v.Segments))
			}
			want, err := s.read()
			if err != nil {
				t.Fatal(err)
			}
			o := verify.Options{Ingest: s.in}
			if tt.backup {
				kept := s.keep()
				o.Backup = func(_ context.Context, _ int, name string) ([]byte, error) { return kept[name], nil }
			}
			tt.hurt(s)
			r := s.check(o)
			if len(r.Findings) != 1 || r.Findings[0].What != tt.sort || !strings.Contains(r.Findings[0].Repaired, tt.how) {
				t.Fatalf("findings %+v", r.Findings)
			}
			if got, err := s.read(); err != nil || !slices.Equal(got, want) {
				t.Errorf("after the repair: %v\n%s", err, cmp.Diff(want, got))
			}
			if r := s.check(o); len(r.Findings) != 0 {
				t.Errorf("after the repair: %+v", r.Findings)
			}
		})
	}
}

// TestRepairTail flips bits of a tail's chunk: each time the backup's is put
// back, which is only read. A chunk that is another than the backup's stays.
func TestRepairTail(t *testing.T) {
	s := sealed(t)
	path := filepath.Join(t.TempDir(), "snapshot.db")
	if err := s.db.Snapshot(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.read()
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{Ingest: s.in, BackupChunk: func(ctx context.Context, run int64, stream ballast.Stream, row0 int64) (meta.Chunk, error) {
		return meta.SnapshotChunk(ctx, path, run, stream, row0)
	}}
	hurt := func(bit int) {
		bad := bytes.Clone(s.view().Tail[0].Data)
		bad[bit/8] ^= 1 << (bit % 8)
		s.exec("UPDATE tail SET data=? WHERE run=?", bad, s.run)
	}
	size := 8 * len(s.view().Tail[0].Data)
	for _, bit := range []int{1, 9, 20, 50, size / 2, size - 1} { // magic, flags, checksum, body
		hurt(bit)
		r := s.check(o)
		if len(r.Findings) != 1 || r.Findings[0].What != "tail" || r.Findings[0].Repaired != "put back from the backup" {
			t.Fatalf("bit %d: findings %+v", bit, r.Findings)
		}
		if got, err := s.read(); err != nil || !slices.Equal(got, want) {
			t.Fatalf("bit %d: after the repair: %v\n%s", bit, err, cmp.Diff(want, got))
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the backup was changed: %v", err)
	}
	if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 1 {
		t.Errorf("beside the backup lies something: %v %v", list, err)
	}
	other := s.view().Tail[0]
	var b history.Builder
	if err := b.AddChunk(chunkOf(t, other.Data), 0, other.Rows); err != nil {
		t.Fatal(err)
	}
	b.Row()
	s.exec("UPDATE tail SET data=?, nrow=nrow+1 WHERE run=?", b.Append(nil), s.run)
	hurt(size / 2)
	tails := slices.DeleteFunc(s.check(o).Findings, func(f verify.Finding) bool { return f.What != "tail" })
	if len(tails) != 1 || tails[0].Repaired != "" {
		t.Errorf("a chunk that is not the backup's: %+v", tails)
	}
}

func chunkOf(t *testing.T, data []byte) *history.Chunk {
	t.Helper()
	c, err := history.OpenChunk(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keep reads all objects.
func (s *site) keep() map[string][]byte {
	s.t.Helper()
	kept := map[string][]byte{}
	all, err := s.bucket.List(s.t.Context(), "", "", 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range all {
		r, err := s.bucket.Get(s.t.Context(), o.Name, 0, -1)
		if err != nil {
			s.t.Fatal(err)
		}
		kept[o.Name], err = io.ReadAll(r)
		r.Close()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return kept
}

// TestBeyondRepair: where values are lost, nothing is made up: the finding
// names key and rows, and the other keys are read.
func TestBeyondRepair(t *testing.T) {
	s := sealed(t)
	g := s.view().Segments[0]
	os.Remove(s.object(g))
	r := s.check(verify.Options{Ingest: s.in})
	if len(r.Findings) != 1 || r.Unrepaired() != 1 || r.Findings[0].RowFrom != 0 || r.Findings[0].RowTo != 80 {
		t.Errorf("findings %+v", r.Findings)
	}
	if rows, err := s.read(); err == nil {
		t.Errorf("%d rows were read without their segment", len(rows))
	}
}

func TestOrphans(t *testing.T) {
	s := sealed(t)
	for name, age := range map[string]time.Duration{"history/9/old.parquet": 48 * time.Hour, "history/9/young.parquet": time.Hour, "strange/x": 48 * time.Hour,
		meta.RunManifestName(9): 48 * time.Hour} {
		if _, err := s.bucket.Put(t.Context(), name, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(s.folder, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for _, f := range s.check(verify.Options{Ingest: s.in}).Findings {
		got[f.Object] = f.What + " " + f.Repaired
	}
	want := map[string]string{"history/9/old.parquet": "orphan the collector will take it when its grace is over", "strange/x": "orphan "}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
	if r := s.check(verify.Options{Ingest: s.in}); len(r.Findings) != 1 {
		t.Errorf("again: %+v", r.Findings)
	}
}

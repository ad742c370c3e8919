package history

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is missing of testdata; only for a new version of the format")

// TestOldFiles opens files that were written when the format was made. They
// must open for ever: never rewrite them, add others for a new version.
func TestOldFiles(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", "v1", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := strings.Split(strings.TrimSpace(string(read("rows.jsonl"))), "\n")
	tail := tailOf(t, []TailChunk{{Rows: 120, Data: read("chunk0.bin")}, {Row0: 120, Rows: 80, Data: read("chunk1.bin")}})
	if diff := cmp.Diff(want, rowsOf(t, tail)); diff != "" {
		t.Errorf("rows of the chunks (-want +got):\n%s", diff)
	}
	object := read("segment.parquet")
	var info SegmentInfo
	if _, err := fmt.Sscanf(string(read("directory.txt")), "%d+%d", &info.DirOff, &info.DirLen); err != nil {
		t.Fatal(err)
	}
	segment := open(t, info, object, 0)
	if diff := cmp.Diff(want, rowsOf(t, segment)); diff != "" {
		t.Errorf("rows of the segment (-want +got):\n%s", diff)
	}
	c := NewCatalogue()
	if err := segment.Catalogue(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(read("keys.txt")), spellKeys(c)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	chunk, err := OpenChunk(read("chunk0.bin"))
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := chunk.RowHashes(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(read("hashes.txt")), fmt.Sprintf("%x\n", hashes)); diff != "" {
		t.Errorf("hashes of rows are stored and may never change (-want +got):\n%s", diff)
	}
}

func spellKeys(c *Catalogue) string {
	var b strings.Builder
	for _, k := range c.Keys() {
		fmt.Fprintf(&b, "%s %d %v %s %v steps %d-%d rows %d-%d\n", k.Key, k.Count, k.Kinds, k.Last, k.Monotonic, k.FirstStep, k.LastStep, k.FirstRow, k.LastRow)
	}
	return b.String()
}

func writeGolden(t *testing.T) {
	t.Helper()
	write := func(name string, b []byte) {
		f, err := os.OpenFile(filepath.Join("testdata", "v1", name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return // old files stay as they are
		}
		if err == nil {
			_, err = f.Write(b)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join("testdata", "v1"), 0o755); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2026, 1))
	chunks := stream(t, rng, 200, 120)
	write("chunk0.bin", chunks[0].Data)
	write("chunk1.bin", chunks[1].Data)
	tail := tailOf(t, chunks)
	write("rows.jsonl", []byte(strings.Join(rowsOf(t, tail), "\n")+"\n"))
	info, object := seal(t, WriteOptions{PageRows: 150, GroupRows: 180}, tail)
	write("segment.parquet", object)
	write("directory.txt", fmt.Appendf(nil, "%d+%d\n", info.DirOff, info.DirLen))
	c := NewCatalogue()
	if err := tail.Catalogue(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	write("keys.txt", []byte(spellKeys(c)))
	chunk, err := OpenChunk(chunks[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := chunk.RowHashes(nil)
	if err != nil {
		t.Fatal(err)
	}
	write("hashes.txt", fmt.Appendf(nil, "%x\n", hashes))
}

func TestGrid(t *testing.T) {
	for _, c := range []struct {
		low, high int64
		buckets   int
	}{{0, 0, 100}, {0, 99, 100}, {0, 191_999, 500}, {5, 1_000_000, 1500}, {-1000, 77, 10}, {0, 1<<53 - 1, 1500}, {-1 << 62, 1 << 62, 1000},
		{math.MinInt64, math.MaxInt64, 1000}, {100_000_000, 100_000_001, 1500}, {0, 384_000, 1500}, {7, 3, 10}} {
		g := NewGrid(c.low, c.high, c.buckets)
		if c.low > c.high {
			if g.N != 0 {
				t.Errorf("%+v: %+v", c, g)
			}
			continue
		}
		last := g.Start + int64(g.N-1)*g.Width
		if g.Start > c.low || g.Start%g.Width != 0 || last > c.high || c.high-last >= g.Width && g.Width < maxWidth {
			t.Errorf("%+v: %+v does not cover the steps", c, g)
		}
		if g.N > c.buckets || g.Level > 0 && g.Width%g.Level != 0 {
			t.Errorf("%+v: %+v", c, g)
		}
		if g.Level > 0 && g.Width < maxWidth && 2*g.N < c.buckets-4 {
			t.Errorf("%+v: %+v has less than half of the buckets", c, g)
		}
	}
}

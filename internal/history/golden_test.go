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

// roundedRows are 4,000 rows whose values repeat, some of them missing, beside
// noise and texts: what a dictionary is for.
func roundedRows() []TailChunk {
	rng := rand.New(rand.NewPCG(2026, 2))
	var chunks []TailChunk
	var b Builder
	for row := 0; row < 4000; row += 500 {
		b.Reset()
		for i := row; i < row+500; i++ {
			b.Row()
			b.Number([]byte("_step"), float64(i), true)
			b.Number([]byte("acc"), math.Round(rng.Float64()*1000)/1000, false)
			b.Number([]byte("noise"), rng.NormFloat64(), false)
			if rng.IntN(3) > 0 {
				b.Number([]byte("percent"), float64(rng.IntN(101)), rng.IntN(2) > 0)
			} else if rng.IntN(2) > 0 {
				b.JSON([]byte("percent"), []byte(`"none"`))
			}
		}
		chunks = append(chunks, TailChunk{Row0: int64(row), Rows: 500, Data: b.Append(nil)})
	}
	return chunks
}

// TestOldDictionaries does for version 2 what TestOldFiles does for version 1.
func TestOldDictionaries(t *testing.T) {
	tail := tailOf(t, roundedRows())
	name := filepath.Join("testdata", "v2", "segment.parquet")
	if *update {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			info, object := seal(t, WriteOptions{PageRows: 2000, GroupRows: 6000}, tail)
			os.MkdirAll(filepath.Dir(name), 0o755)
			if err := errors.Join(os.WriteFile(name, object, 0o644), os.WriteFile(filepath.Join("testdata", "v2", "directory.txt"), fmt.Appendf(nil, "%d+%d\n", info.DirOff, info.DirLen), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	object, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	place, err := os.ReadFile(filepath.Join("testdata", "v2", "directory.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var info SegmentInfo
	if _, err := fmt.Sscanf(string(place), "%d+%d", &info.DirOff, &info.DirLen); err != nil {
		t.Fatal(err)
	}
	segment := open(t, info, object, 0)
	if segment.dir.version != dictVersion {
		t.Errorf("version %d", segment.dir.version)
	}
	if diff := cmp.Diff(rowsOf(t, tail), rowsOf(t, segment)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// A few values out of the middle need the dictionary alone, and a flipped
	// bit of it is noticed.
	var p Points
	if err := segment.Series(t.Context(), "acc", Rows(2300, 2310), &p); err != nil || p.Len() != 10 {
		t.Errorf("%d values: %v", p.Len(), err)
	}
	damaged := 0
	for i := range segment.dir.groups {
		k, err := segment.block(t.Context(), &segment.dir.groups[i])
		if err != nil {
			t.Fatal(err)
		}
		if k.dict.raw > 0 {
			object[segment.dir.groups[i].off+k.dict.off+int64(k.dict.zip)/2] ^= 4
			damaged++
		}
	}
	err = open(t, info, object, 0).Series(t.Context(), "acc", All(), &p)
	if damaged == 0 || err == nil {
		t.Errorf("%d damaged dictionaries: %v", damaged, err)
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

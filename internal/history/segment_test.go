package history

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"
)

// stream makes a tail of random rows: every kind of value, sparse keys, steps
// that repeat.
func stream(t testing.TB, rnd *rand.Rand, rows, perChunk int) []TailChunk {
	t.Helper()
	var chunks []TailChunk
	step := int64(0)
	for row := 0; row < rows; {
		var b Builder
		n := min(perChunk, rows-row)
		for i := range n {
			b.Row()
			b.Number([]byte("_step"), float64(step), true)
			if rnd.IntN(10) > 0 {
				step += int64(rnd.IntN(3))
			}
			randomRow(&b, rnd, row+i)
		}
		chunks = append(chunks, TailChunk{Row0: int64(row), Rows: n, Data: b.Append(nil)})
		row += n
	}
	return chunks
}

func randomRow(b *Builder, rnd *rand.Rand, row int) {
	b.Number([]byte("loss"), rnd.NormFloat64(), false)
	b.Number([]byte("f32"), float64(rnd.Float32()), false)
	b.Number([]byte("count"), float64(row), true)
	b.Number([]byte("rounded"), math.Round(rnd.Float64()*1e4)/1e4, false)
	if row%7 == 0 {
		b.Number([]byte("sparse"), float64(row)/3, false)
	}
	switch rnd.IntN(8) {
	case 0:
		b.Number([]byte("mix"), math.NaN(), false)
	case 1:
		b.Number([]byte("mix"), math.Inf(1-2*rnd.IntN(2)), false)
	case 2:
		b.JSON([]byte("mix"), []byte(`"text"`))
	case 3:
		b.JSON([]byte("mix"), []byte(`{"_type":"image-file","path":"x.png"}`))
	case 4:
		b.Number([]byte("mix"), math.Copysign(0, -1), false)
	case 5:
		b.Number([]byte("mix"), float64(row), true)
	}
	if rnd.IntN(50) == 0 {
		b.JSON([]byte("d.deep\\.dot.x"), []byte("true"))
	}
}

func seal(t testing.TB, o WriteOptions, sources ...Source) (SegmentInfo, []byte) {
	t.Helper()
	var buf bytes.Buffer
	info, err := WriteSegment(context.Background(), &buf, sources, o)
	if err != nil {
		t.Fatal(err)
	}
	if info.Bytes != int64(buf.Len()) {
		t.Errorf("info says %d bytes, the object has %d", info.Bytes, buf.Len())
	}
	return info, buf.Bytes()
}

func open(t testing.TB, info SegmentInfo, object []byte, visible int64) *Segment {
	t.Helper()
	s, err := OpenSegment(object[info.DirOff:info.DirOff+info.DirLen], func(_ context.Context, off, n int64) ([]byte, error) {
		if off < 0 || n < 0 || off+n > int64(len(object)) {
			return nil, fmt.Errorf("read of %d at %d of %d bytes", n, off, len(object))
		}
		return object[off : off+n], nil
	}, SegmentOptions{Name: "test", Visible: visible})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tailOf(t testing.TB, chunks []TailChunk) *Tail {
	t.Helper()
	tail, err := OpenTail(chunks)
	if err != nil {
		t.Fatal(err)
	}
	return tail
}

// rowsOf prints every row of views.
func rowsOf(t testing.TB, views ...View) []string {
	t.Helper()
	var rows []string
	for _, v := range views {
		from, to := v.RowRange()
		table := NewTable(from, to)
		if err := v.Table(context.Background(), table); err != nil {
			t.Fatal(err)
		}
		for row := from; row < to; row++ {
			rows = append(rows, string(table.AppendRowJSON(nil, row, RowOptions{})))
		}
	}
	return rows
}

var optionSets = []WriteOptions{{}, {PageRows: 64, GroupRows: 200}, {PageRows: 1000, GroupRows: 1500}, {PageRows: 7, GroupRows: 7},
	{PageRows: 300, GroupRows: 1000, PageBytes: 100, GroupBytes: 2000}}

func TestSealedRowsAreTheSame(t *testing.T) {
	for seed := range uint64(3) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		chunks := stream(t, rnd, 1200, 1+rnd.IntN(400))
		tail := tailOf(t, chunks)
		for _, o := range optionSets {
			info, object := seal(t, o, tail)
			if diff := cmp.Diff(rowsOf(t, tail), rowsOf(t, open(t, info, object, 0))); diff != "" {
				t.Fatalf("seed %d, %+v: rows (-tail +segment):\n%s", seed, o, diff)
			}
		}
	}
}

func TestCompactedRowsAreTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	chunks := stream(t, rnd, 4000, 100)
	var sources []Source
	for i := 0; i < len(chunks); i += 10 {
		info, object := seal(t, WriteOptions{PageRows: 128, GroupRows: 512}, tailOf(t, chunks[i:i+10]))
		sources = append(sources, open(t, info, object, 0))
	}
	info, object := seal(t, WriteOptions{}, sources...)
	if diff := cmp.Diff(rowsOf(t, tailOf(t, chunks)), rowsOf(t, open(t, info, object, 0))); diff != "" {
		t.Errorf("rows (-tail +compacted):\n%s", diff)
	}
	if info.Row0 != 0 || info.Rows != 4000 {
		t.Errorf("rows %d+%d, want 0+4000", info.Row0, info.Rows)
	}
}

func TestSeriesInRanges(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	tail := tailOf(t, stream(t, rnd, 2500, 90))
	for _, o := range optionSets {
		info, object := seal(t, o, tail)
		for _, key := range []string{"loss", "sparse", "mix", "_step", "count", "absent"} {
			for range 20 {
				from, to := rnd.Int64N(2600), rnd.Int64N(2600)
				r := Rows(from, to)
				if rnd.IntN(2) == 0 {
					r = Steps(from, to)
				}
				visible := int64(1 + rnd.IntN(2500))
				segment := open(t, info, object, visible)
				want, got := Points{Key: key}, Points{Key: key}
				cut := r
				cut.RowTo = min(cut.RowTo, visible)
				if err := tail.Series(context.Background(), key, cut, &want); err != nil {
					t.Fatal(err)
				}
				if err := segment.Series(context.Background(), key, r, &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(spell(&want), spell(&got)); diff != "" {
					t.Fatalf("%+v key %s range %+v: (-tail +segment):\n%s", o, key, r, diff)
				}
			}
		}
	}
}

// spell writes points out, so that forms kept in two ways compare equal.
func spell(p *Points) []string {
	var all []string
	for i := range p.Len() {
		text := string(AppendNumber(nil, p.Value[i], p.FormAt(i), false))
		if p.FormAt(i) == JSON {
			text = string(p.JSON[i])
		}
		all = append(all, fmt.Sprintf("%d %d %d %s", p.Row[i], p.Step[i], p.FormAt(i), text))
	}
	return all
}

func TestLevelsEqualRaw(t *testing.T) {
	const rows = 120_000
	rnd := rand.New(rand.NewPCG(7, 8))
	var chunks []TailChunk
	for row := 0; row < rows; row += 5000 {
		var b Builder
		for i := range 5000 {
			b.Row()
			b.Number([]byte("_step"), float64(2*(row+i)), true)
			v := rnd.NormFloat64()
			if (row+i)%997 == 0 {
				v = math.NaN()
			}
			if (row+i)%1999 == 0 {
				v = math.Inf(1)
			}
			b.Number([]byte("v"), v, false)
		}
		chunks = append(chunks, TailChunk{Row0: int64(row), Rows: 5000, Data: b.Append(nil)})
	}
	tail := tailOf(t, chunks)
	info, object := seal(t, WriteOptions{}, tail)
	for _, n := range []int{1, 10, 100, 500, 1500, 10_000} {
		g := NewGrid(0, 2*rows-2, n)
		if g.N > max(n, 2) {
			t.Errorf("a grid of %d buckets, at most %d were asked for", g.N, n)
		}
		want, got := NewBuckets(g), NewBuckets(g)
		if err := tail.Buckets(context.Background(), "v", want); err != nil {
			t.Fatal(err)
		}
		if err := open(t, info, object, 0).Buckets(context.Background(), "v", got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
			t.Fatalf("%d buckets (-raw +levels):\n%s", n, diff)
		}
	}
	// A cut segment must not show hidden rows, wherever the cut is in a bucket.
	for _, visible := range []int64{1, 128, 70_001, rows - 1} {
		for _, n := range []int{3, 100, 1500} {
			g := NewGrid(0, 2*rows-2, n)
			want, got := NewBuckets(g), NewBuckets(g)
			if err := tailOf(t, cutChunks(chunks, visible)).Buckets(context.Background(), "v", want); err != nil {
				t.Fatal(err)
			}
			if err := open(t, info, object, visible).Buckets(context.Background(), "v", got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
				t.Fatalf("visible %d, %d buckets (-raw +levels):\n%s", visible, n, diff)
			}
		}
	}
}

// TestSparseCut: the same with a key whose rows are irregular.
func TestSparseCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const rows = 80_000
	var b Builder
	for row := range rows {
		b.Row()
		b.Number([]byte("_step"), float64(row/2), true)
		if rng.IntN(3) == 0 {
			b.Number([]byte("v"), rng.Float64(), false)
		}
	}
	chunks := []TailChunk{{Rows: rows, Data: b.Append(nil)}}
	info, object := seal(t, WriteOptions{PageRows: 4096, GroupRows: 30_000}, tailOf(t, chunks))
	for _, visible := range []int64{1, 39_999, 40_000, 61_003} {
		for _, n := range []int{4, 100} {
			g := NewGrid(0, rows/2-1, n)
			want, got := NewBuckets(g), NewBuckets(g)
			if err := tailOf(t, cutChunks(chunks, visible)).Buckets(context.Background(), "v", want); err != nil {
				t.Fatal(err)
			}
			if err := open(t, info, object, visible).Buckets(context.Background(), "v", got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
				t.Fatalf("visible %d, %d buckets (-raw +levels):\n%s", visible, n, diff)
			}
		}
	}
}

// TestManyKeys: the directory of many keys has two levels, and one key of them
// is a few small reads.
func TestManyKeys(t *testing.T) {
	const keys = 20_000
	var b Builder
	for row := range 5 {
		b.Row()
		for k := range keys {
			b.Number(fmt.Appendf(nil, "layer.%d/%x", k, k*k*7919), float64(row*k)/3, false)
		}
	}
	tail := tailOf(t, []TailChunk{{Row0: 10, Rows: 5, Data: b.Append(nil)}})
	info, object := seal(t, WriteOptions{PageRows: 2000, GroupRows: 5000}, tail)
	if info.Keys != keys || info.Points != 5*keys || len(info.Dir) > MaxInlineDir {
		t.Fatalf("%d keys, %d points, a top of %d bytes", info.Keys, info.Points, len(info.Dir))
	}
	reads, size := 0, int64(0)
	s, err := OpenSegment(info.Dir, func(_ context.Context, off, n int64) ([]byte, error) {
		reads, size = reads+1, size+n
		return object[off : off+n], nil
	}, SegmentOptions{Name: "many"})
	if err != nil {
		t.Fatal(err)
	}
	p := Points{Key: "layer.77/" + fmt.Sprintf("%x", 77*77*7919)}
	if err := s.Series(context.Background(), p.Key, All(), &p); err != nil || p.Len() != 5 || p.Value[4] != 4*77.0/3 {
		t.Fatalf("%+v, %v", p, err)
	}
	if reads > 2 || size > 100_000 {
		t.Errorf("one key took %d reads of %d bytes of %d", reads, size, len(object))
	}
	reads = 0
	c := NewCatalogue()
	if err := s.Catalogue(context.Background(), c); err != nil || len(c.Keys()) != keys || reads > 3 {
		t.Errorf("the catalogue has %d keys after %d reads, %v", len(c.Keys()), reads, err)
	}
}

func TestCatalogueOfSegmentAndTail(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	chunks := stream(t, rnd, 2000, 130)
	tail := tailOf(t, chunks)
	for _, o := range optionSets {
		info, object := seal(t, o, tail)
		for _, visible := range []int64{0, 1, 777} {
			want, got := NewCatalogue(), NewCatalogue()
			part := tail
			if visible > 0 {
				part = tailOf(t, cutChunks(chunks, visible))
			}
			if err := part.Catalogue(context.Background(), want); err != nil {
				t.Fatal(err)
			}
			if err := open(t, info, object, visible).Catalogue(context.Background(), got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Keys(), got.Keys()); diff != "" {
				t.Errorf("%+v visible %d (-tail +segment):\n%s", o, visible, diff)
			}
			if want.LastStep() != got.LastStep() {
				t.Errorf("last step %d, want %d", got.LastStep(), want.LastStep())
			}
		}
	}
}

func cutChunks(chunks []TailChunk, visible int64) []TailChunk {
	var cut []TailChunk
	for _, c := range chunks {
		if c.Row0 < visible {
			c.Rows = int(min(int64(c.Rows), visible-c.Row0))
			cut = append(cut, c)
		}
	}
	return cut
}

// Everybody's reader must read what we write.
func TestParquetReads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	tails := []*Tail{tailOf(t, stream(t, rnd, 1500, 100)), tailOf(t, roundedRows())}
	for i := range 2 * len(optionSets) {
		o, tail := optionSets[i/2], tails[i%2]
		_, object := seal(t, o, tail)
		type row struct {
			Key     string   `parquet:"key"`
			Row     int64    `parquet:"row"`
			Step    int64    `parquet:"step"`
			Value   *float64 `parquet:"value,optional"`
			Integer bool     `parquet:"integer"`
			JSON    *string  `parquet:"json,optional"`
		}
		got, err := parquet.Read[row](bytes.NewReader(object), int64(len(object)))
		if err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		var want []row
		err = tail.Scan(context.Background(), func(p *Points) error {
			for i := range p.Len() {
				r := row{Key: p.Key, Row: p.Row[i], Step: p.Step[i], Integer: p.FormAt(i) == Int}
				if p.FormAt(i) == JSON {
					text := string(p.JSON[i])
					r.JSON = &text
				} else {
					v := p.Value[i]
					r.Value = &v
				}
				want = append(want, r)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%+v (-written +read by parquet-go):\n%s", o, diff)
		}
		nulls := map[string]int64{}
		for _, r := range want {
			if r.Value == nil {
				nulls["value"]++
			} else {
				nulls["json"]++
			}
		}
		file, err := parquet.OpenFile(bytes.NewReader(object), int64(len(object)))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range file.Metadata().RowGroups {
			for _, c := range g.Columns {
				nulls[c.MetaData.PathInSchema[0]] -= c.MetaData.Statistics.NullCount
			}
		}
		for name, n := range nulls {
			if n != 0 {
				t.Errorf("%+v: the footer's count of nulls in %s is off by %d", o, name, n)
			}
		}
	}
}

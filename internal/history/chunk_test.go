package history

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// columnOf makes a chunk of one key and reads it back.
func columnOf(t *testing.T, v []float64, integer func(i int) bool) (data []byte, p Points) {
	t.Helper()
	var b Builder
	for i, x := range v {
		b.Row()
		b.Number([]byte("k"), x, integer(i))
	}
	data = b.Append(nil)
	c, err := OpenChunk(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Column("k", 100, &p); err != nil {
		t.Fatal(err)
	}
	return data, p
}

func TestCodecsKeepEveryBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	fill := func(n int, f func(i int) float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = f(i)
		}
		return v
	}
	negZero := math.Copysign(0, -1)
	for name, c := range map[string]struct {
		v     []float64
		codec byte
	}{
		"one":        {[]float64{3.5}, codecConst},
		"constant":   {fill(50, func(int) float64 { return -0.1 }), codecConst},
		"NaN":        {fill(50, func(int) float64 { return math.NaN() }), codecConst},
		"counter":    {fill(50, func(i int) float64 { return float64(i * 32) }), codecInt},
		"large ints": {fill(50, func(i int) float64 { return float64(int64(1)<<53 - int64(i)) }), codecInt},
		"rounded 2":  {fill(50, func(i int) float64 { return float64(i*7) / 100 }), codecScale},
		"rounded 4":  {fill(50, func(i int) float64 { return math.Round(rng.Float64()*1e4) / 1e4 }), codecScale},
		"float32":    {fill(50, func(int) float64 { return float64(rng.Float32()) }), codecF32},
		"float64":    {fill(50, func(int) float64 { return rng.NormFloat64() }), codecF64},
		"-0 and 0":   {[]float64{0, negZero, 0, 1}, codecF32},
		"-0 noise":   {[]float64{negZero, 0.1, rng.Float64()}, codecF64},
		"specials":   {[]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1}, codecF32},
		"far apart":  {[]float64{math.MaxFloat64, 5e-324, -1, 0.1}, codecF64},
		"wild ints":  {fill(50, func(int) float64 { return float64(rng.Int64N(1<<54) - 1<<53) }), codecInt},
	} {
		for forms, integer := range map[string]func(int) bool{
			"floats": func(int) bool { return false }, "ints": func(int) bool { return true }, "mixed": func(i int) bool { return i%3 == 0 },
		} {
			data, p := columnOf(t, c.v, integer)
			if n := len(p.Value); n != len(c.v) {
				t.Fatalf("%s %s: %d values, want %d", name, forms, n, len(c.v))
			}
			for i, x := range c.v {
				want := math.Float64bits(x)
				if x != x {
					want = math.Float64bits(nan)
				}
				form := Float
				if integer(i) {
					form = Int
				}
				if math.Float64bits(p.Value[i]) != want || p.FormAt(i) != form || p.Row[i] != 100+int64(i) {
					t.Fatalf("%s %s: value %d is %v form %d row %d, want %v form %d", name, forms, i, p.Value[i], p.FormAt(i), p.Row[i], x, form)
				}
			}
			if codec := codecByte(t, data); codec&codecMask != c.codec {
				t.Errorf("%s %s: codec %d, want %d", name, forms, codec&codecMask, c.codec)
			}
		}
	}
}

func codecByte(t *testing.T, data []byte) (codec byte) {
	t.Helper()
	c, err := OpenChunk(data)
	if err != nil {
		t.Fatal(err)
	}
	c.each(func(_ []byte, e dirEntry) error {
		codec = e.data[0]
		return nil
	})
	return codec
}

func TestChunkRowsAndCuts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	chunks := stream(t, rng, 400, 400)
	whole := rowsOf(t, tailOf(t, chunks))
	for range 30 {
		from := rng.IntN(400)
		to := from + rng.IntN(401-from)
		cut, err := CutRows(chunks[0].Data, from, to)
		if err != nil {
			t.Fatal(err)
		}
		got := rowsOf(t, tailOf(t, []TailChunk{{Rows: to - from, Data: cut}}))
		if diff := cmp.Diff(whole[from:to], got, equalEmpty); diff != "" {
			t.Fatalf("rows %d to %d (-whole +cut):\n%s", from, to, diff)
		}
	}
	many := stream(t, rand.New(rand.NewPCG(3, 4)), 400, 400)
	a, _ := CutRows(many[0].Data, 0, 100)
	b, _ := CutRows(many[0].Data, 100, 400)
	merged, err := MergeChunks(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, rowsOf(t, tailOf(t, []TailChunk{{Rows: 400, Data: merged}}))); diff != "" {
		t.Errorf("merged rows (-whole +merged):\n%s", diff)
	}
	if _, err := CutRows(chunks[0].Data, 5, 401); err == nil {
		t.Error("rows beyond the end were cut")
	}
}

var equalEmpty = cmp.Transformer("joined", func(s []string) string { return strings.Join(s, "\n") })

func TestAssignSteps(t *testing.T) {
	var b Builder
	b.Row()
	b.Number([]byte("a"), 1, true)
	b.Row()
	b.Number([]byte("_step"), 99, true)
	b.JSON([]byte("b"), []byte(`"x"`))
	b.Row()
	b.JSON([]byte("_step"), []byte(`"no"`))
	data, err := AssignSteps(b.Append(nil), 7)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{"_step":7,"a":1}`, `{"_step":8,"b":"x"}`, `{"_step":9}`}
	if diff := cmp.Diff(want, rowsOf(t, tailOf(t, []TailChunk{{Rows: 3, Data: data}}))); diff != "" {
		t.Error(diff)
	}
}

func TestBuilderTakesBack(t *testing.T) {
	var b Builder
	b.Row()
	b.Number([]byte("a"), 1, true)
	b.JSON([]byte("a"), []byte("null"))
	b.JSON([]byte("b"), []byte("true"))
	b.Number([]byte("b"), 2.5, false)
	b.Row()
	b.Number([]byte("c"), 1, true)
	b.ClearRow()
	b.Number([]byte("d.x"), 3, true)
	b.Number([]byte("d.y"), 4, true)
	b.Number([]byte("dd"), 5, true)
	b.Forget([]byte("d"))
	want := []string{`{"a":null,"b":2.5}`, `{"dd":5}`}
	if diff := cmp.Diff(want, rowsOf(t, tailOf(t, []TailChunk{{Rows: 2, Data: b.Append(nil)}}))); diff != "" {
		t.Error(diff)
	}
}

// TestNamesArePacked: where names are most of a chunk it is compressed.
func TestNamesArePacked(t *testing.T) {
	var b Builder
	b.Row()
	for k := range 100_000 {
		b.Number(fmt.Appendf(nil, "model/layers.%d/weight", k), float64(k), true)
	}
	data := b.Append(nil)
	if data[1]&chunkS2 == 0 || len(data) > 2_000_000 {
		t.Errorf("100,000 names make a chunk of %d bytes, flags %d", len(data), data[1])
	}
	var p Points
	c, err := OpenChunk(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Column("model/layers.99999/weight", 0, &p); err != nil || p.Len() != 1 || p.Value[0] != 99999 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestStepsOfRows(t *testing.T) {
	var b Builder
	for _, s := range []float64{5, -3, 2.7, math.NaN()} {
		b.Row()
		b.Number([]byte("_step"), s, false)
	}
	b.Row() // none
	c, err := OpenChunk(b.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	steps, err := c.Steps(1000, nil)
	if diff := cmp.Diff([]int64{5, -3, 2, 1003, 1004}, steps); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestDamagedChunks(t *testing.T) {
	chunk := stream(t, rand.New(rand.NewPCG(5, 6)), 50, 50)[0].Data
	for i := range chunk {
		bad := bytes.Clone(chunk)
		bad[i] ^= 4
		if _, err := OpenChunk(bad); err == nil {
			t.Fatalf("a chunk with byte %d changed was opened", i)
		}
		if _, err := OpenChunk(chunk[:i]); err == nil {
			t.Fatalf("the first %d bytes of a chunk were opened", i)
		}
	}
}

func FuzzOpenChunk(f *testing.F) {
	f.Add(stream(f, rand.New(rand.NewPCG(7, 8)), 20, 20)[0].Data)
	var b Builder
	b.Row()
	for k := range 300 {
		b.Number(fmt.Appendf(nil, "model/layers.%d/weight", k), float64(k), true)
	}
	f.Add(b.Append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.Clone(data)
		if len(data) > chunkHead { // get past the checksum
			data[0], data[1] = chunkMagic, data[1]&chunkS2
			binary.LittleEndian.PutUint32(data[2:], crc32.Checksum(data[chunkHead:], castagnoli))
		}
		c, err := OpenChunk(data)
		if err != nil || c.Rows() > 1<<14 {
			return
		}
		for _, key := range c.Keys() {
			var p Points
			if err := c.Column(key, 0, &p); err == nil && (len(p.Row) != len(p.Value) || len(p.Step) != len(p.Row)) {
				t.Fatalf("key %q: %d rows, %d steps, %d values", key, len(p.Row), len(p.Step), len(p.Value))
			}
		}
		c.RowHashes(nil)
		if cut, err := CutRows(data, 0, c.Rows()); err == nil {
			if _, err := OpenChunk(cut); err != nil {
				t.Fatalf("what was cut cannot be opened: %v", err)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	for _, path := range [][]string{{"a"}, {"a", "b"}, {"a.b"}, {"a.b", "c"}, {`a\`, "b"}, {`a\.b`}, {""}, {"", ""}, {`\`}, {`.`}, {"é.", "x"}} {
		key := JoinKey(path...)
		if diff := cmp.Diff(path, SplitKey(key)); diff != "" {
			t.Errorf("%q became %q:\n%s", path, key, diff)
		}
	}
	if a, b := JoinKey("a.b"), JoinKey("a", "b"); a == b {
		t.Errorf("both are %q", a)
	}
	if got := SplitKey(`a\x.b`); len(got) != 2 || got[0] != `a\x` {
		t.Errorf("%q", got)
	}
}

func TestRowJSON(t *testing.T) {
	var b Builder
	b.Row()
	for key, text := range map[string]string{"a.b.c": "1", "a.b.d": `"x"`, "a.e": "[NaN,-Infinity,\"NaN\"]", `a\.b`: "null", "z": "9007199254740993"} {
		b.JSON([]byte(key), []byte(text))
	}
	b.Number([]byte("i"), 3, true)
	b.Number([]byte("f"), 3, false)
	b.Number([]byte("n"), math.NaN(), false)
	b.Number([]byte("m"), math.Inf(-1), false)
	b.Number([]byte("o"), math.Copysign(0, -1), false)
	b.Number([]byte("p"), math.Copysign(0, -1), true)
	b.Number([]byte("q"), 1e22, false)
	b.Number([]byte("r"), 1<<53, true)
	table := NewTable(0, 1)
	if err := tailOf(t, []TailChunk{{Rows: 1, Data: b.Append(nil)}}).Table(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    RowOptions
		want string
	}{
		{RowOptions{}, `{"a":{"b":{"c":1,"d":"x"},"e":[NaN,-Infinity,"NaN"]},"a.b":null,"f":3.0,"i":3,"m":-Infinity,"n":NaN,"o":-0.0,"p":-0,"q":1e+22,"r":9007199254740992,"z":9007199254740993}`},
		{RowOptions{Quoted: true}, `{"a":{"b":{"c":1,"d":"x"},"e":["NaN","-Infinity","NaN"]},"a.b":null,"f":3.0,"i":3,"m":"-Infinity","n":"NaN","o":-0.0,"p":-0,"q":1e+22,"r":9007199254740992,"z":9007199254740993}`},
		{RowOptions{Flat: true}, `{"a.b.c":1,"a.b.d":"x","a.e":[NaN,-Infinity,"NaN"],"a\\.b":null,"f":3.0,"i":3,"m":-Infinity,"n":NaN,"o":-0.0,"p":-0,"q":1e+22,"r":9007199254740992,"z":9007199254740993}`},
	} {
		if got := string(table.AppendRowJSON(nil, 0, c.o)); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.o, got, c.want)
		}
	}
	if got := string(table.AppendRowJSON(nil, 1, RowOptions{})); got != "{}" {
		t.Errorf("a row that is not there is %s", got)
	}
}

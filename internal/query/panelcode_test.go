package query

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func samplePanel() *Panel {
	nan := float32(math.NaN())
	return &Panel{
		Grid: Grid{Start: 512, Width: 256, N: 3}, X: "_step", Min: 600, Max: 1200,
		Runs: []PanelRun{
			{Run: "a", Mode: ModeGrid, N: 3, Total: 7, NaN: 1, Inf: 1, Last: []float32{1, nan, 3}, Low: []float32{0, nan, 3}, High: []float32{2, nan, 3}, Count: []float32{4, 0, 1}, Odd: []bool{false, true, true}},
			{Run: "b", Mode: ModePoints, N: 2, Total: 2, X: []float64{1.7e9, 1.7e9 + 0.001}, Y: []float64{math.NaN(), math.Inf(-1)}},
			{Run: "c", Mode: ModeBuckets, N: 1, Total: 5, X: []float64{0.5}, Last: []float32{1}, Low: []float32{-1}, High: []float32{1}, Count: []float32{5}},
			{Run: "d", Mode: ModePoints, Missing: true, X: []float64{}, Y: []float64{}},
			{Run: "e", Mode: ModePoints, Damaged: "the steps 0 to 9 of history are damaged", X: []float64{}, Y: []float64{}},
		},
	}
}

func TestPanelCode(t *testing.T) {
	want := samplePanel()
	data, err := want.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodePanel(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.IgnoreUnexported(PanelRun{})); diff != "" {
		t.Error(diff)
	}
	for n := range data {
		if _, err := DecodePanel(data[:n]); !ballast.Is(err, ballast.Invalid) {
			t.Fatalf("%d of %d bytes were read: %v", n, len(data), err)
		}
	}
}

// The layout is a contract with the browser: byte offsets, not only a round
// trip.
func TestPanelLayout(t *testing.T) {
	data, err := samplePanel().AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := int(binary.LittleEndian.Uint32(data[4:]))
	if string(data[:4]) != "BPN1" || n%8 != 0 {
		t.Fatalf("magic %q, meta of %d bytes", data[:4], n)
	}
	body := data[8+n:]
	f32 := func(off int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(body[off:])) }
	f64 := func(off int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(body[off:])) }
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"validity", float64(body[0]), 0b101}, {"special", float64(body[8]), 0b110}, {"last[0]", float64(f32(16)), 1}, {"last[2]", float64(f32(24)), 3},
		{"min[0]", float64(f32(32)), 0}, {"max[0]", float64(f32(48)), 2}, {"count[0]", float64(f32(64)), 4}, {"points x[1]", f64(88), 1.7e9 + 0.001},
		{"points y[1]", f64(104), math.Inf(-1)}, {"buckets x[0]", f64(112), 0.5}, {"buckets last", float64(f32(120)), 1}, {"buckets count", float64(f32(144)), 5}, {"length", float64(len(body)), 152},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", c.what, c.got, c.want)
		}
	}
}

func FuzzDecodePanel(f *testing.F) {
	data, _ := samplePanel().AppendBinary(nil)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := DecodePanel(data); err == nil {
			if _, err := p.AppendBinary(nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

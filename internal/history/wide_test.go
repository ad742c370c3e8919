package history

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"
)

// TestWideReadBack writes two groups of rows with holes and every kind, and
// reads them with parquet-go.
func TestWideReadBack(t *testing.T) {
	cols := []WideColumn{{"num", "num", WideNumber}, {"text", "text", WideText}, {"yes", "yes", WideBool}, {`a\.b`, "a.b", WideJSON}}
	var file bytes.Buffer
	w, err := NewWideWriter(&file, cols)
	if err != nil {
		t.Fatal(err)
	}
	null := []byte("null")
	first := &WideGroup{Rows: []int64{0, 1, 3}, Steps: []int64{0, 10, 30}, Values: []Points{
		{Row: []int64{0, 3}, Step: []int64{0, 30}, Value: []float64{1.5, math.NaN()}},
		{Row: []int64{0, 1}, Step: []int64{0, 10}, Value: []float64{math.NaN(), math.NaN()}, All: JSON, JSON: [][]byte{[]byte(`"é\n"`), null}},
		{Row: []int64{0, 1, 3}, Step: []int64{0, 10, 30}, Value: make([]float64, 3), All: JSON, JSON: [][]byte{[]byte("true"), []byte("false"), []byte("true")}},
		{Row: []int64{0, 1, 3}, Step: []int64{0, 10, 30}, Value: []float64{7, math.NaN(), math.Inf(-1)}, Form: []Form{Int, JSON, Float}, JSON: [][]byte{nil, []byte(`{"x":[NaN]}`), nil}},
	}}
	second := &WideGroup{Rows: []int64{4}, Steps: []int64{40}, Values: make([]Points, 4)}
	if err := errors.Join(w.Write(first), w.Write(second), w.Close()); err != nil {
		t.Fatal(err)
	}
	if w.Bytes() != int64(file.Len()) {
		t.Errorf("Bytes is %d of %d", w.Bytes(), file.Len())
	}
	type row struct {
		Step int64    `parquet:"_step"`
		Num  *float64 `parquet:"num,optional"`
		Text *string  `parquet:"text,optional"`
		Yes  *bool    `parquet:"yes,optional"`
		JSON *string  `parquet:"a.b,optional"`
	}
	got, err := parquet.Read[row](bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	want := []row{
		{0, new(1.5), new("é\n"), new(true), new("7")},
		{10, nil, nil, new(false), new(`{"x":["NaN"]}`)},
		{30, new(math.NaN()), nil, new(true), new(`"-Infinity"`)},
		{Step: 40},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestWideRefuses: a value that the column's type cannot hold is no guess.
func TestWideRefuses(t *testing.T) {
	big := Points{Row: []int64{0}, Step: []int64{0}, Value: []float64{math.NaN()}, All: JSON, JSON: [][]byte{[]byte("9007199254740993")}}
	for kind, refuse := range map[WideKind]bool{WideNumber: true, WideText: true, WideBool: true, WideJSON: false} {
		w, err := NewWideWriter(new(bytes.Buffer), []WideColumn{{"big", "big", kind}})
		if err != nil {
			t.Fatal(err)
		}
		err = w.Write(&WideGroup{Rows: []int64{0}, Steps: []int64{0}, Values: []Points{big}})
		var not NotOfKind
		if errors.As(err, &not) != refuse || not.Column != 0 {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}

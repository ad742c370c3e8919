package history

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestLevelsOfFarSteps: steps that lie far apart need no bucket for each, and
// the levels are those that the finest buckets would give.
func TestLevelsOfFarSteps(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var l levelBuilder
	l.reset()
	var all []Bucket
	step, points := int64(-500), int64(0)
	for range 40 {
		p := Points{All: Float}
		for range 20_000 {
			step += 200 + rng.Int64N(2000)
			v := rng.NormFloat64()
			p.Row, p.Step, p.Value = append(p.Row, points), append(p.Step, step), append(p.Value, v)
			points++
			all = append(all, Bucket{})
			all[len(all)-1].add(step, v)
		}
		l.add(&p)
		if len(l.buckets) > manyBuckets {
			t.Fatalf("%d buckets for %d points", len(l.buckets), points)
		}
	}
	seen := 0
	l.each(func(width int64, got []Bucket) {
		seen++
		if diff := cmp.Diff(coarser(all, width), got, cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
			t.Errorf("width %d (-want +got):\n%.2000s", width, diff)
		}
	})
	if seen == 0 {
		t.Error("there are no levels")
	}
}

// TestCutBehindText hides rows of a series that begins with a text where steps
// fall: the text's step says nothing about the numbers behind it.
func TestCutBehindText(t *testing.T) {
	const rows, visible = 2000, 1200
	var b Builder
	for row := range rows {
		b.Row()
		if row == visible {
			b.Number([]byte("_step"), 100_000, true)
			b.JSON([]byte("v"), []byte(`"x"`))
			continue
		}
		b.Number([]byte("_step"), float64(row), true)
		b.Number([]byte("v"), float64(row), false)
	}
	chunks := []TailChunk{{Rows: rows, Data: b.Append(nil)}}
	info, object := seal(t, WriteOptions{}, tailOf(t, chunks))
	g := Grid{Width: 256, N: 400, Level: 256}
	want, got := NewBuckets(g), NewBuckets(g)
	if err := tailOf(t, cutChunks(chunks, visible)).Buckets(context.Background(), "v", want); err != nil {
		t.Fatal(err)
	}
	if err := open(t, info, object, visible).Buckets(context.Background(), "v", got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-raw +levels):\n%.2000s", diff)
	}
}

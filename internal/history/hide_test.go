package history

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestHide: hiding values of a segment or a tail shows what a segment shows
// that was written without them, in every way of reading.
func TestHide(t *testing.T) {
	ctx := context.Background()
	chunks := stream(t, rand.New(rand.NewPCG(3, 4)), 6000, 700)
	tail := tailOf(t, chunks)
	info, object := seal(t, WriteOptions{}, tail)
	for name, hidden := range map[string][]Hidden{
		"a key":            {HideKeys([]string{"loss", "absent"}, math.MaxInt64, math.MinInt64, math.MaxInt64)},
		"steps":            {HideKeys([]string{"loss", "mix", `d.deep\.dot.x`}, math.MaxInt64, 300, 900)},
		"rows":             {HideKeys([]string{"count", "sparse"}, 1234, math.MinInt64, math.MaxInt64)},
		"several together": {HideKeys([]string{"mix"}, 2000, 100, math.MaxInt64), HideKeys([]string{"mix", "f32"}, math.MaxInt64, math.MinInt64, 500)},
	} {
		t.Run(name, func(t *testing.T) {
			shortInfo, short := seal(t, WriteOptions{}, HideSource(tail, hidden))
			want := open(t, shortInfo, short, 0)
			if shortInfo.Points >= info.Points || shortInfo.Rows != info.Rows || shortInfo.Bytes >= info.Bytes {
				t.Errorf("without what is hidden the segment has %d rows, %d values, %d bytes; with it %d, %d, %d",
					shortInfo.Rows, shortInfo.Points, shortInfo.Bytes, info.Rows, info.Points, info.Bytes)
			}
			for kind, whole := range map[string]View{"segment": open(t, info, object, 0), "tail": tail} {
				if found, err := HasHidden(ctx, whole, hidden); err != nil || !found {
					t.Errorf("%s: hidden values found: %v, %v", kind, found, err)
				}
				got := Hide(whole, hidden)
				if diff := cmp.Diff(rowsOf(t, want), rowsOf(t, got)); diff != "" {
					t.Errorf("%s: rows (-want +got):\n%s", kind, diff)
				}
				wantKeys, gotKeys := NewCatalogue(), NewCatalogue()
				if err := want.Catalogue(ctx, wantKeys); err != nil {
					t.Fatal(err)
				}
				if err := got.Catalogue(ctx, gotKeys); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(wantKeys.Keys(), gotKeys.Keys()); diff != "" {
					t.Errorf("%s: keys (-want +got):\n%s", kind, diff)
				}
				for _, key := range []string{"loss", "mix", "count", "sparse", "f32", "rounded"} {
					compareKey(t, kind, key, want, got)
				}
			}
			if found, err := HasHidden(ctx, want, hidden); err != nil || found {
				t.Errorf("what was written without hidden values has some: %v, %v", found, err)
			}
		})
	}
}

func compareKey(t *testing.T, kind, key string, want, got View) {
	t.Helper()
	wantPoints, gotPoints := Points{Key: key}, Points{Key: key}
	wantBuckets, gotBuckets := NewBuckets(NewGrid(0, 6000, 50)), NewBuckets(NewGrid(0, 6000, 50))
	for _, err := range []error{
		want.Series(context.Background(), key, Rows(100, 5000), &wantPoints), got.Series(context.Background(), key, Rows(100, 5000), &gotPoints),
		want.Buckets(context.Background(), key, wantBuckets), got.Buckets(context.Background(), key, gotBuckets),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(spell(&wantPoints), spell(&gotPoints)); diff != "" {
		t.Errorf("%s: values of %s (-want +got):\n%s", kind, key, diff)
	}
	if diff := cmp.Diff(wantBuckets, gotBuckets, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-9)); diff != "" {
		t.Errorf("%s: buckets of %s (-want +got):\n%s", kind, key, diff)
	}
}

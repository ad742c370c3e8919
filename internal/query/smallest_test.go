package query

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSmallest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		items := make([]int32, random.IntN(40))
		for i := range items {
			items[i] = int32(random.IntN(20))
		}
		n := random.IntN(50)
		want := slices.Sorted(slices.Values(items))
		want = want[:min(n, len(want))]
		in := slices.Clone(items)
		if got := smallest(in, n, func(a, b int32) int { return cmp.Compare(a, b) }); !slices.Equal(got, want) {
			t.Fatalf("the %d smallest of %v: %v, want %v", n, items, got, want)
		}
	}
}

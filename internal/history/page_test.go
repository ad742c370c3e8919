package history

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlanes turns values into byte planes, of lengths around a square's, and
// reads each byte where the format has it.
func TestPlanes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 26 {
		bits := make([]uint64, n)
		for i := range bits {
			bits[i] = r.Uint64()
		}
		planes := make([]byte, 8*n)
		toPlanes(planes, bits)
		for i, x := range bits {
			for k := range 8 {
				if got, want := planes[k*n+i], byte(x>>(8*k)); got != want {
					t.Fatalf("%d values: byte %d of value %d is %#x, want %#x", n, k, i, got, want)
				}
			}
		}
		back, again := make([]float64, n), make([]uint64, n)
		fromPlanes(back, planes)
		for i, v := range back {
			again[i] = math.Float64bits(v)
		}
		if d := cmp.Diff(bits, again); d != "" {
			t.Errorf("%d values (-want +got):\n%s", n, d)
		}
	}
}

package query

import (
	"testing"

	"github.com/ballast-ml/ballast/internal/history"
	"github.com/google/go-cmp/cmp"
)

// FuzzKeys: what is kept of keys comes back as it was; anything else is refused.
func FuzzKeys(f *testing.F) {
	known := &knownKeys{LastStep: -1, Keys: []history.KeyInfo{
		{Key: "a", Count: 3, Kinds: []history.KindCount{{Kind: "number", Count: 2}, {Kind: "media:image-file", Count: 1}}, Last: []byte("0.5"), Monotonic: true, FirstStep: -5, LastStep: 1 << 50, LastRow: 9},
		{Key: "", Count: 1, Kinds: []history.KindCount{{Kind: "number", Count: 1}}, Last: nil, FirstRow: 4},
	}}
	if diff := cmp.Diff(known, decodeKeys(known.encode())); diff != "" {
		f.Error(diff)
	}
	f.Add(known.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := decodeKeys(b)
		if got == nil {
			return
		}
		if diff := cmp.Diff(got, decodeKeys(got.encode())); diff != "" {
			t.Error(diff)
		}
	})
}

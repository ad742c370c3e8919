package bench

import (
	"os"
	"testing"
)

// TestAPI runs the measurement small, against the binary named by BALLAST_BIN.
func TestAPI(t *testing.T) {
	exe := os.Getenv("BALLAST_BIN")
	if exe == "" {
		t.Skip("BALLAST_BIN names no binary to measure")
	}
	s, err := StartServer(t.Context(), exe, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	r, err := API(t.Context(), APIOptions{URL: s.URL, Key: s.Key, PID: s.PID, Runs: 120})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lists) != 6 {
		t.Fatalf("%d lists", len(r.Lists))
	}
	for i, l := range r.Lists {
		want := 120
		if i >= 3 {
			want = 60 // half of them are even
		}
		if l.Runs != want || l.PerSecond <= 0 || l.Bare <= 0 {
			t.Errorf("%s: %+v", l.Name, l)
		}
	}
}

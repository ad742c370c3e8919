package trial_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestBenchIdle runs the measurement once, on little; how much the figures are
// is for `ballast bench idle` on a quiet machine.
func TestBenchIdle(t *testing.T) {
	s := newServer(t, t.TempDir())
	cmd := exec.Command(ballast, "bench", "idle", "--runs", "50", "--starts", "2", "--rest", "10ms", "--json")
	cmd.Env = s.env()
	out, err := cmd.Output()
	var r struct {
		Runs   int
		Starts []int64 `json:"start_ms"`
		Memory int64   `json:"memory_bytes"`
		Binary int64   `json:"binary_bytes"`
	}
	if err != nil || json.Unmarshal(out, &r) != nil {
		t.Fatalf("bench idle: %v: %.500s", err, out)
	}
	if r.Runs != 50 || len(r.Starts) != 2 || r.Starts[0] <= 0 || r.Memory < 1<<20 || r.Binary < 1<<20 {
		t.Errorf("figures %+v", r)
	}
}

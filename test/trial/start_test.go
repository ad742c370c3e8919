package trial_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestRecordedStarts: many processes that start at once all get through. How
// fast they do is for "ballast bench start" on a machine that does nothing else.
func TestRecordedStarts(t *testing.T) {
	s := newServer(t, t.TempDir())
	cmd := exec.Command(ballast, "bench", "start", "--starts", "300", "--dir", t.TempDir(), "--json")
	cmd.Env = s.env()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var r struct {
		Starts, Requests, Failed int
		Answers                  map[string]int
		ServerMS                 float64 `json:"server_ms_each"`
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if r.Starts != 300 || r.Requests < 5 || r.Failed != 0 || r.Answers["200"] != r.Starts*r.Requests {
		t.Errorf("%s", out)
	}
	if r.ServerMS > 1000 {
		t.Errorf("one start alone took %.0f ms, at most 1000 are allowed", r.ServerMS)
	}
}

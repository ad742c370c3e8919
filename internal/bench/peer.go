package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed peer_mlflow.py
var mlflowScript string

// MLflow measures MLflow in the Python of an environment that has it, against
// its own SQLite store in a new folder, without HTTP: the most that it can
// reach. r has Ballast's figures of the same run.
func MLflow(ctx context.Context, python, dir string, r *Report) ([]Peer, error) {
	work, err := os.MkdirTemp(dir, "ballast-peer-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	script := filepath.Join(work, "peer.py")
	if err := os.WriteFile(script, []byte(mlflowScript), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, python, script, work)
	cmd.Dir = work
	cmd.Env = append(plainEnv(), "MLFLOW_DISABLE_TELEMETRY=true", "DO_NOT_TRACK=true")
	out, err := cmd.Output()
	if err != nil {
		var text []byte
		if e, ok := err.(*exec.ExitError); ok {
			text = e.Stderr[max(0, len(e.Stderr)-500):]
		}
		return nil, fmt.Errorf("running MLflow in %s: %w: %s", python, err, text)
	}
	var got struct {
		Version                     string
		Write, Read, BytesPer, Runs float64
	}
	if err := json.Unmarshal(out, &got); err != nil {
		return nil, fmt.Errorf("what MLflow's script printed: %w: %.300s", err, out)
	}
	name := "MLflow " + got.Version + ", SQLite"
	return []Peer{
		{name, "durable points (its log_batch in the same process; ours through HTTP)", got.Write, "points/s", r.value("ingest", 0)},
		{name, "a series of 100,000 steps (its whole history; ours 1,000,000 in 1,500 buckets, through HTTP)", got.Read, "ms", r.value("series", 0)},
		{name, "at rest, float32 values", got.BytesPer, "B/point", r.value("size", 0)},
		{name, "search 1,000 runs by two metrics, sorted by a third, 50 of them (ours through HTTP)", got.Runs, "ms", r.spot("runs", "filter, sort, page", 1000)},
	}, nil
}

// value is a value of a figure, 0 where it was not measured.
func (r *Report) value(name string, i int) float64 {
	for _, f := range r.Figures {
		if f.Name == name && i < len(f.Values) {
			return f.Values[i].Value
		}
	}
	return 0
}

// spot is a value of a curve, 0 where it was not measured.
func (r *Report) spot(name, line string, x float64) float64 {
	for _, c := range r.Curves {
		for _, l := range c.Lines {
			for _, p := range l.Points {
				if c.Name == name && l.Name == line && p.X == x {
					return p.Y
				}
			}
		}
	}
	return 0
}

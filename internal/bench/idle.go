package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// What is allowed (DESIGN, figure 10): memory in bytes, start, size in bytes.
const (
	idleMemory = 60 << 20
	coldStart  = 500 * time.Millisecond
	binarySize = 60 << 20
)

// IdleOptions say what to start.
type IdleOptions struct {
	Exe    string        // the program
	Dir    string        // where its data go, "" for the folder of temporary files
	Runs   int           // runs in the store, 100,000; negative for none
	Starts int           // 5
	Rest   time.Duration // how long it is left alone before its memory is read, 10 s
}

// IdleResult is what a server costs that nobody uses.
type IdleResult struct {
	Machine Machine `json:"machine"`
	Runs    int     `json:"runs"`
	Starts  []int64 `json:"start_ms"` // from the process's start to /ready, ascending
	Empty   int64   `json:"empty_process_ms"`
	Memory  int64   `json:"memory_bytes"`
	Peak    int64   `json:"memory_peak_bytes"`
	Binary  int64   `json:"binary_bytes"`
}

// Idle measures the memory of a server at rest, its start on a store with many
// runs, and the size of the program. The limit of the machine is the time that
// the program needs to start and end without doing anything.
func Idle(ctx context.Context, o IdleOptions) (*IdleResult, error) {
	if o.Runs == 0 {
		o.Runs = 100_000
	}
	if o.Starts <= 0 {
		o.Starts = 5
	}
	if o.Rest <= 0 {
		o.Rest = 10 * time.Second
	}
	info, err := os.Stat(o.Exe)
	if err != nil {
		return nil, err
	}
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return nil, err
	}
	defer s.Stop()
	r := &IdleResult{Machine: thisMachine(), Runs: max(o.Runs, 0), Binary: info.Size()}
	if err := s.end(); err != nil {
		return nil, err
	}
	if err := fillRuns(ctx, filepath.Join(s.Dir, "data", "ballast.db"), r.Runs); err != nil {
		return nil, fmt.Errorf("filling the store: %w", err)
	}
	for range o.Starts {
		took, err := s.again(ctx, o.Exe)
		if err != nil {
			return nil, err
		}
		r.Starts = append(r.Starts, took.Milliseconds())
		if len(r.Starts) < o.Starts {
			if err := s.end(); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(r.Starts)
	begun := time.Now()
	if _, err := s.run(ctx, o.Exe, "version"); err != nil {
		return nil, err
	}
	r.Empty = time.Since(begun).Milliseconds()
	select {
	case <-time.After(o.Rest):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r.Memory, r.Peak = memoryOf(s.PID)
	return r, nil
}

// end stops the process and keeps its data.
func (s *Server) end() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

// again starts the server on its data and returns how long it took to be
// ready.
func (s *Server) again(ctx context.Context, exe string) (time.Duration, error) {
	begun := time.Now()
	if err := s.serve(exe); err != nil {
		return 0, err
	}
	for time.Since(begun) < 20*time.Second && ctx.Err() == nil {
		if res, err := http.Get(s.URL + "/ready"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begun), nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, fmt.Errorf("the server does not become ready: see %s", filepath.Join(s.Dir, "bench.log"))
}

// fillRuns makes finished runs in a store that no server uses.
func fillRuns(ctx context.Context, path string, runs int) error {
	db, err := meta.Open(ctx, meta.Options{SQLite: path})
	if err != nil {
		return err
	}
	defer db.Close()
	config := []byte(`{"lr":{"value":0.001},"batch":{"value":64},"model":{"value":"resnet50"},"seed":{"value":1}}`)
	for made := 0; made < runs; {
		n := min(1000, runs-made)
		err := db.Write(ctx, "make runs", func(tx *meta.Tx) error {
			owner, err := tx.EntityByName("bench")
			if err != nil {
				return err
			}
			p, _, err := tx.EnsureProject(owner.ID, "idle", owner.ID, time.Now())
			if err != nil {
				return err
			}
			for i := range n {
				run, err := tx.CreateRun(ballast.Run{ProjectID: p.ID, Name: fmt.Sprintf("r%07d", made+i), Config: config})
				if err != nil {
					return err
				}
				if err := tx.SetRunState(run.ID, ballast.Finished, 0, time.Now()); err != nil {
					return err
				}
				if err := tx.SetSummary(run.ID, []byte(`{"loss":0.25,"acc":0.9,"_step":999,"_runtime":60}`)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		made += n
	}
	return nil
}

// Print writes the figures beside what is allowed.
func (r *IdleResult) Print(w io.Writer) {
	verdict := func(ok bool) string {
		if ok {
			return "within"
		}
		return "ABOVE"
	}
	start := r.Starts[len(r.Starts)/2]
	fmt.Fprintf(w, "%s, %d cores; a store of %d runs\n\n", r.Machine.CPU, r.Machine.Cores, r.Runs)
	fmt.Fprintf(w, "memory at rest   %6.1f MB  %s %d MB (at most %.1f MB since the start)\n", float64(r.Memory)/(1<<20), verdict(r.Memory <= idleMemory), idleMemory>>20, float64(r.Peak)/(1<<20))
	fmt.Fprintf(w, "start to /ready  %6d ms  %s %d ms (median of %v; the program alone needs %d ms)\n", start, verdict(start <= coldStart.Milliseconds()), coldStart.Milliseconds(), r.Starts, r.Empty)
	fmt.Fprintf(w, "program          %6.1f MB  %s %d MB\n", float64(r.Binary)/(1<<20), verdict(r.Binary <= binarySize), binarySize>>20)
}

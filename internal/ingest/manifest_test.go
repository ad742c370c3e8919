package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// manifest reads a run's manifest from the bucket.
func (s *site) manifest(t testing.TB, run int64) (m manifest, found bool) {
	t.Helper()
	s.bucket.mu.Lock()
	body, found := s.bucket.objects[meta.RunManifestName(run)]
	s.bucket.mu.Unlock()
	if found {
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
	}
	return m, found
}

// checkManifest fails when a run's manifest does not say what its rows do.
func (s *site) checkManifest(t *testing.T, run int64, path string) {
	t.Helper()
	want := meta.RunManifest{Path: path}
	err := s.meta.Read(t.Context(), func(tx *meta.Tx) error {
		for _, stream := range []ballast.Stream{ballast.History, ballast.Events} {
			list, err := tx.SegmentList(run, stream)
			if err != nil {
				return err
			}
			want.Segments = append(want.Segments, list...)
		}
		erased, err := tx.Erasures([]int64{run})
		want.Erased = erased[run]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, found := s.manifest(t, run)
	if found != (len(want.Segments) > 0) {
		t.Fatalf("there is a manifest: %v, of %d segments", found, len(want.Segments))
	}
	if d := cmp.Diff(manifestOf(run, want), got); found && d != "" {
		t.Errorf("the manifest (-want +got):\n%s", d)
	}
}

// logRows appends rows [from, to) to a run's history, one a request.
func (s *site) logRows(t *testing.T, run int64, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if _, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", i, fmt.Sprintf(`{"_step":%d,"loss":%d.5}`, i, i))))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestManifest: with faults before and after every step a manifest says what
// the rows say once a sweep has come, through seals, merges, a fork, deleted
// keys and the purge.
func TestManifest(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, metatest.Open(t), seed, Options{Seal: SealOptions{Wide: 1, Merge: 3}, Undelete: time.Millisecond})
			run := s.newRun(t, "r")
			calm := func(path string, runs ...int64) {
				t.Helper()
				s.faults.set(0)
				if err := s.sweepManifests(t.Context()); err != nil {
					t.Fatal(err)
				}
				for _, r := range runs {
					s.checkManifest(t, r, path)
				}
			}
			for part := range 5 {
				s.logRows(t, run, part*4, part*4+4)
				s.faults.set(0.4)
				for range 6 {
					for _, err := range []error{s.Seal(t.Context(), run), s.Compact(t.Context(), run)} {
						if err != nil && !errors.Is(err, errBroken) {
							t.Fatal(err)
						}
					}
				}
				calm("team/proj/r", run)
			}
			if err := s.Seal(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			s.checkManifest(t, run, "team/proj/r")
			if m, _ := s.manifest(t, run); len(m.Segments) == 0 || m.Segments[len(m.Segments)-1].RowEnd != 20 {
				t.Fatalf("nothing was sealed: %+v", m)
			}
			write := func(fn func(*meta.Tx) error) {
				t.Helper()
				if err := s.meta.Write(t.Context(), "changing a run", fn); err != nil {
					t.Fatal(err)
				}
			}
			child := s.newRun(t, "child")
			write(func(tx *meta.Tx) error { return tx.ForkRows(run, child, 10, time.Now()) })
			calm("team/proj/child", child)
			write(func(tx *meta.Tx) error {
				same := func(summary []byte) ([]byte, error) { return summary, nil }
				_, err := tx.EraseKeys(child, 0, meta.Erasure{RowTo: 10, StepTo: 5, Keys: []string{"loss"}}, same, time.Now())
				return err
			})
			calm("team/proj/child", child)
			if m, _ := s.manifest(t, child); len(m.Hidden) != 1 || m.Segments[len(m.Segments)-1].RowEnd != 10 {
				t.Errorf("the fork's manifest: %+v", m)
			}
			if err := s.Compact(t.Context(), child); err != nil {
				t.Fatal(err)
			}
			s.checkManifest(t, child, "team/proj/child")
			if m, _ := s.manifest(t, child); len(m.Hidden) != 0 {
				t.Errorf("hidden still: %+v", m.Hidden)
			}
			write(func(tx *meta.Tx) error { return tx.DeleteRun(run, time.Now().Add(-time.Hour)) })
			if err := s.Collect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if m, found := s.manifest(t, run); found {
				t.Errorf("the manifest of a run that is gone is there: %+v", m)
			}
			s.checkManifest(t, child, "team/proj/child")
		})
	}
}

// TestManifestLate: one that is put after another, and says less, does not stay.
func TestManifestLate(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Seal: SealOptions{Wide: 1}})
	run := s.newRun(t, "r")
	var old meta.RunManifest
	s.logRows(t, run, 0, 4)
	s.bucket.beforeManifest = func() {
		s.bucket.beforeManifest = nil
		if err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) {
			old, err = tx.RunManifest(run)
			return err
		}); err != nil {
			t.Error(err)
		}
		s.logRows(t, run, 4, 8)
		if err := s.Seal(t.Context(), run); err != nil { // puts a newer one
			t.Error(err)
		}
	}
	if err := s.Seal(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	if len(old.Segments) != 4 {
		t.Fatalf("the manifest that was late listed %d segments, want 4: the test tried nothing", len(old.Segments))
	}
	s.checkManifest(t, run, "team/proj/r")
}

// byManifestScript reads the runs of a folder by their manifests, with pyarrow
// and with DuckDB, and by a plain glob: rows of each.
const byManifestScript = `
import glob, json, sys
import duckdb
import pyarrow.parquet as pq
folder = sys.argv[1]
rows, duck = [], []
for path in glob.glob(folder + "/history/*/manifest.json"):
    for s in json.load(open(path))["segments"]:
        if s["stream"] == "history":
            t = pq.read_table(folder + "/" + s["object"]).to_pylist()
            rows += [[r["step"], r["value"]] for r in t if r["key"] == "loss" and r["row"] < s["row_end"]]
    duck += duckdb.execute("""select step, value from (select unnest(segments) s from read_json(?)), read_parquet(? || '/history/*/*.parquet', filename=true) p
        where s.stream = 'history' and ends_with(p.filename, s.object) and key = 'loss' and "row" < s.row_end order by "row" """, [path, folder]).fetchall()
every = duckdb.execute("select count(*) from read_parquet(?) where key = 'loss'", [folder + "/history/*/*.parquet"]).fetchone()[0]
json.dump({"arrow": rows, "duck": duck, "glob": every}, sys.stdout)
`

// readersPython is the Python of the environment with other readers.
func readersPython() string {
	cache := os.Getenv("BALLAST_CACHE")
	if cache == "" {
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache", "ballast")
	}
	return filepath.Join(cache, "readers", "bin", "python")
}

// TestReadersByManifest: where superseded objects lie beside live ones, other
// readers get each row once by the manifest, and more by a plain glob. It needs
// the environment that "build/need.sh readers" makes.
func TestReadersByManifest(t *testing.T) {
	python := readersPython()
	if _, err := os.Stat(python); err != nil {
		t.Skipf("%s is missing: run build/need.sh readers", python)
	}
	s := newSite(t, metatest.Open(t), 1, Options{Seal: SealOptions{Wide: 1, Merge: 3}})
	run := s.newRun(t, "r")
	var want [][2]float64
	for part := range 3 {
		s.logRows(t, run, part*4, part*4+4)
		if err := s.Seal(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Compact(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		want = append(want, [2]float64{float64(i), float64(i) + 0.5})
	}
	dir := t.TempDir()
	for name, body := range s.bucket.objects {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, body, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	var got struct {
		Arrow, Duck [][2]float64
		Glob        int
	}
	out, err := exec.CommandContext(t.Context(), python, "-c", byManifestScript, dir).Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("%v: %s", err, exit.Stderr)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got.Arrow); d != "" {
		t.Errorf("pyarrow (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want, got.Duck); d != "" {
		t.Errorf("DuckDB (-want +got):\n%s", d)
	}
	if got.Glob <= len(want) {
		t.Errorf("a plain glob reads %d rows of %d: no superseded object was there", got.Glob, len(want))
	}
}

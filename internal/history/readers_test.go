package history

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readersScript sums up all Parquet files of a folder, with pyarrow and with
// DuckDB: by key the rows, the numbers, the texts, sums of row, step and value.
const readersScript = `
import json, sys, glob, collections
import pyarrow.dataset as ds
import duckdb
folder = sys.argv[1]
files = sorted(glob.glob(folder + "/**/*.parquet", recursive=True))
table = ds.dataset(files, format="parquet").to_table()
by = {}
for key, row, step, value, integer, text in zip(*(table.column(c).to_pylist() for c in ["key", "row", "step", "value", "integer", "json"])):
    k = by.setdefault(key, [0, 0, 0, 0, 0, 0.0, 0])
    k[0] += 1
    k[1] += value is not None
    k[2] += len(text) if text is not None else 0
    k[3] += row
    k[4] += step
    k[5] += value if value is not None and value == value and abs(value) < 1e30 else 0
    k[6] += integer
duck = {}
for r in duckdb.sql(f"""select key, count(*), count(value), coalesce(sum(length(json)), 0), sum("row"), sum(step),
    coalesce(sum(case when isfinite(value) and abs(value) < 1e30 then value end), 0), sum(integer::int) from read_parquet({files!r}) group by key""").fetchall():
    duck[r[0]] = [float(x) for x in r[1:]]
json.dump({"arrow": by, "duck": duck}, sys.stdout)
`

// TestOtherReaders has pyarrow and DuckDB read segments straight from a folder,
// as somebody with nothing but the bucket would. It needs the environment that
// "build/need.sh readers" makes.
func TestOtherReaders(t *testing.T) {
	python := readersPython()
	if _, err := os.Stat(python); err != nil {
		t.Skipf("%s is missing: run build/need.sh readers", python)
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(21, 22))
	want := map[string][7]float64{}
	for i, tail := range []*Tail{tailOf(t, stream(t, rnd, 800, 100)), tailOf(t, roundedRows()), benchTail(t, "mix", 6000, 10, 100)} {
		_, object := seal(t, WriteOptions{}, tail)
		place := filepath.Join(dir, "runs", string(rune('a'+i)))
		if err := os.MkdirAll(place, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(place, "segment.parquet"), object, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tail.Scan(t.Context(), func(p *Points) error {
			k := want[p.Key]
			for i := range p.Len() {
				k[0]++
				k[3] += float64(p.Row[i])
				k[4] += float64(p.Step[i])
				switch v := p.Value[i]; {
				case p.FormAt(i) == JSON:
					k[2] += float64(len([]rune(string(p.JSON[i]))))
					continue
				case v-v == 0 && math.Abs(v) < 1e30:
					k[5] += v
				}
				k[1]++
				if p.FormAt(i) == Int {
					k[6]++
				}
			}
			want[p.Key] = k
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "-c", readersScript, dir)
	var fault strings.Builder
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reading the segments: %v\n%s", err, fault.String())
	}
	var got map[string]map[string][7]float64
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for reader, keys := range got {
		if len(keys) != len(want) {
			t.Errorf("%s finds %d keys, want %d", reader, len(keys), len(want))
		}
		for key, w := range want {
			for i, g := range keys[key] {
				if math.Abs(g-w[i]) > 1e-9*max(1, math.Abs(w[i]))*w[0] {
					t.Errorf("%s: column %d of %q is %v, want %v", reader, i, key, g, w[i])
				}
			}
		}
	}
	if len(got) != 2 {
		t.Errorf("%d readers answered", len(got))
	}
}

// readersPython is the Python of the environment with other readers.
func readersPython() string {
	cache := os.Getenv("BALLAST_CACHE")
	if cache == "" {
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache", "ballast")
	}
	return filepath.Join(cache, "readers", "bin", "python")
}

package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Figure is one of the figures to reach (docs/performance.md).
type Figure struct {
	Name    string  `json:"name"` // of the command: ballast bench NAME
	Number  int     `json:"number"`
	What    string  `json:"what"`
	Values  []Value `json:"values"`
	Memory  int64   `json:"memory_bytes"` // of the server at the end; 0: no server
	Peak    int64   `json:"memory_peak_bytes"`
	Seconds float64 `json:"seconds"` // that measuring it took
	Notes   string  `json:"notes,omitempty"`
}

// Value is one measured number beside its goal and beside a limit of the same
// machine that was measured in the same run.
type Value struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  float64 `json:"goal,omitempty"`
	Most  bool    `json:"at_most,omitempty"` // the goal is not to be exceeded
	Limit float64 `json:"limit,omitempty"`   // in the same unit
	Of    string  `json:"limit_is,omitempty"`
}

// Within reports whether the goal is reached; a value without a goal is.
func (v Value) Within() bool {
	return v.Goal == 0 || v.Most && v.Value <= v.Goal || !v.Most && v.Value >= v.Goal
}

// Ratio is the value over the limit, 0 where there is none.
func (v Value) Ratio() float64 {
	if v.Limit == 0 {
		return 0
	}
	return v.Value / v.Limit
}

func (v Value) goal() string {
	switch {
	case v.Goal == 0:
		return ""
	case v.Most:
		return "≤ " + quantity(v.Goal)
	}
	return "≥ " + quantity(v.Goal)
}

func (v Value) verdict() string {
	switch {
	case v.Goal == 0:
		return ""
	case v.Within():
		return "within"
	}
	return "MISSED"
}

func (v Value) beside() string {
	if v.Limit == 0 {
		return ""
	}
	return fmt.Sprintf("%.2g of %s %s", v.Ratio(), quantity(v.Limit), v.Of)
}

// quantity prints a number with three digits.
func quantity(v float64) string {
	switch {
	case v >= 1e9:
		return fmt.Sprintf("%.3g G", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return fmt.Sprintf("%.3g", v)
}

// Print writes the figure for a person.
func (f *Figure) Print(w io.Writer) {
	fmt.Fprintf(w, "%d %s: %s\n", f.Number, f.Name, f.What)
	for _, v := range f.Values {
		fmt.Fprintf(w, "  %-58s %10s %-10s %-10s %-7s %s\n", v.What, quantity(v.Value), v.Unit, v.goal(), v.verdict(), v.beside())
	}
	if f.Peak > 0 {
		fmt.Fprintf(w, "  memory of the server %d MB, at most %d MB\n", f.Memory>>20, f.Peak>>20)
	}
	if f.Notes != "" {
		fmt.Fprintf(w, "  %s\n", f.Notes)
	}
}

// Options say where a figure is measured.
type Options struct {
	Exe  string // the program
	Dir  string // folder on the disk to measure, "" for the folder of temporary files
	Size Size
}

// Size says how much is measured.
type Size int

// The sizes: Usual takes minutes, Small (in tests) seconds.
const (
	Usual Size = iota
	Small
	Large // also what only a nightly run has the time for
)

// of picks a number by size.
func (s Size) of(small, usual, large int) int {
	return [...]int{Usual: usual, Small: small, Large: large}[s]
}

// Known are the figures that can be measured, by number.
var Known = []struct {
	Name, What string
	Number     int
	Measure    func(context.Context, Options, *Figure) error
}{
	{"ingest", "durable ingest through the file stream, sealing on, client on the same machine", 1, measureIngestFigure},
	{"merge", "durable ingest while segments are merged in the background", 1, measureMerge},
	{"visible", "from a request to its value in a chart, at half the highest load", 2, measureVisible},
	{"series", "a chart of one series of 1,000,000 steps, 1,500 buckets", 3, measureSeries},
	{"compare", "a chart of one metric of 1,000 runs", 4, measureCompare},
	{"wide", "100,000 keys in one row, then a chart of one of them", 5, measureWide},
	{"export", "reading and writing a whole history", 6, measureExport},
	{"table", "the run table: 100,000 runs × 60 fields", 7, measureTable},
	{"files", "files up and down, against the raw disk", 8, measureFiles},
	{"size", "bytes at rest for a point, all in", 9, measureSize},
	{"idle", "a server that nobody uses: memory, start, size", 10, measureIdle},
	{"kill", "kill -9 under load: what was acknowledged is there once, in order, exact", 11, measureKill},
}

// Measure measures one figure by its name.
func Measure(ctx context.Context, name string, o Options) (*Figure, error) {
	for _, k := range Known {
		if k.Name != name {
			continue
		}
		f := &Figure{Name: k.Name, Number: k.Number, What: k.What}
		began := time.Now()
		if err := k.Measure(ctx, o, f); err != nil {
			return nil, fmt.Errorf("measuring %s: %w", name, err)
		}
		f.Seconds = time.Since(began).Seconds()
		return f, nil
	}
	return nil, fmt.Errorf("there is no figure %q", name)
}

// add appends a value without a limit.
func (f *Figure) add(what string, value float64, unit string, goal float64, most bool) *Value {
	f.Values = append(f.Values, Value{What: what, Value: value, Unit: unit, Goal: goal, Most: most})
	return &f.Values[len(f.Values)-1]
}

// beside gives the value its limit.
func (v *Value) limited(limit float64, of string) { v.Limit, v.Of = limit, of }

// memory notes what the server holds.
func (f *Figure) memory(s *Server) {
	now, peak := memoryOf(s.PID)
	f.Memory, f.Peak = max(f.Memory, now), max(f.Peak, peak)
}

// times are repeated measurements.
type times []time.Duration

// repeat calls fn n times.
func repeat(ctx context.Context, n int, fn func() error) (times, error) {
	var all times
	for range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := fn(); err != nil {
			return nil, err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all, nil
}

// at is a quantile in milliseconds.
func (t times) at(q float64) float64 {
	if len(t) == 0 {
		return 0
	}
	return millis(t[min(len(t)-1, int(q*float64(len(t))))])
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// ownCPU is cpuOf this process, to the microsecond: on a machine that others use
// it tells more than the clock.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// loadNow is how many processes wanted the cores in the last minute.
func loadNow() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	load, _ := strconv.ParseFloat(first, 64)
	return load
}

// folderBytes is the size of all files below a folder.
func folderBytes(dir string) int64 {
	var n int64
	filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// scanLimit is how long a plain walk over so many numbers takes, in buckets of
// lowest and highest: the least that a chart can cost that reads them all.
func scanLimit(n, buckets int) time.Duration {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i%977) * 0.25
	}
	low, high := make([]float64, buckets), make([]float64, buckets)
	each := (n + buckets - 1) / buckets
	began := time.Now()
	for b := range buckets {
		part := v[min(b*each, n):min((b+1)*each, n)]
		for _, x := range part {
			low[b], high[b] = min(low[b], x), max(high[b], x)
		}
	}
	took := time.Since(began)
	runtime.KeepAlive(low)
	return took
}

func sorted(t times) times {
	t = slices.Clone(t)
	slices.Sort(t)
	return t
}

package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFigures measures every figure in its smallest size: each checks that
// what it measures is right. BALLAST_BENCH_SIZE=usual makes it a measurement.
func TestFigures(t *testing.T) {
	exe := program(t)
	size := Small
	if os.Getenv("BALLAST_BENCH_SIZE") == "usual" {
		size = Usual
	}
	for _, k := range Known {
		t.Run(k.Name, func(t *testing.T) {
			f, err := Measure(t.Context(), k.Name, Options{Exe: exe, Dir: t.TempDir(), Size: size})
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			f.Print(&out)
			t.Log("\n" + out.String())
			if len(f.Values) == 0 || f.Seconds <= 0 {
				t.Errorf("nothing was measured: %+v", f)
			}
		})
	}
}

// program is the program to measure: BALLAST_BIN, or built now.
func program(t *testing.T) string {
	if exe := os.Getenv("BALLAST_BIN"); exe != "" {
		return exe
	}
	exe := filepath.Join(t.TempDir(), "ballast")
	build := exec.Command("go", "build", "-o", exe, "../../cmd/ballast")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return exe
}

func TestReport(t *testing.T) {
	r := &Report{Machine: Machine{CPU: "Some CPU", Cores: 2}, Load: 0.5, When: "2026-11-24",
		Figures: []*Figure{{Name: "idle", Number: 10, What: "rest", Peak: 3 << 20, Values: []Value{
			{What: "memory", Value: 31, Unit: "MB", Goal: 50, Most: true}, {What: "rate", Value: 5, Unit: "1/s", Goal: 10, Limit: 20, Of: "1/s: of the disk"}}}},
		Curves: []Curve{{Name: "runs", Title: "Runs", X: "runs", Y: "ms", Lines: []Line{{Name: "page", Points: []Spot{{10, 1}, {100, 2.5}, {1000, 40}}}}}},
		Peers:  []Peer{{Name: "Other", What: "points", Value: 100, Unit: "points/s", Ours: 4e6}}}
	dir := t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 10 | idle | memory | 31 MB | ≤ 50 | within |", "MISSED | 0.25 of 20 1/s: of the disk", "![Runs](performance/runs.svg)", "grows as n^0.8", "| Other |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing of\n%s", want, text)
		}
	}
	picture, err := os.ReadFile(filepath.Join(dir, "performance", "runs.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(picture), "<circle") != 3 || !strings.Contains(string(picture), "page") {
		t.Errorf("the picture is\n%s", picture)
	}
}

// What the browser's measurements wrote survives ours, and nothing else of an
// old file does.
func TestReportKeepsScreens(t *testing.T) {
	const screens = "<!-- screens: written by another -->\n## The screens\n<!-- /screens -->\n"
	dir := t.TempDir()
	file := filepath.Join(dir, "performance.md")
	if err := os.WriteFile(file, []byte("# Old\n\n"+screens), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := (&Report{}).Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), screens) != 1 || strings.Contains(string(text), "# Old") || !strings.HasPrefix(string(text), "# Performance\n") {
		t.Errorf("the file is\n%s", text)
	}
}

func TestGrowth(t *testing.T) {
	exe := program(t)
	for _, k := range Growths {
		t.Run(k.Name, func(t *testing.T) {
			c, err := k.Measure(t.Context(), Options{Exe: exe, Dir: t.TempDir(), Size: Small})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range c.Lines {
				if len(l.Points) < 2 {
					t.Errorf("%s has %d points", l.Name, len(l.Points))
				}
			}
		})
	}
}

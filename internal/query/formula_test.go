package query

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/google/go-cmp/cmp"
)

func TestFormula(t *testing.T) {
	for text, want := range map[string]float64{
		"1 + 2 * 3":            7,
		"(1 + 2) * 3":          9,
		"-2 ** 2":              -4,
		"2 ** 3 ** 2":          512,
		"2 ** -1":              0.5,
		"10 - 4 - 3":           3,
		"-7 % 3":               -1,
		"--3":                  3,
		"1e-3*1E+3":            1,
		".5/ 2":                0.25,
		"a + ${val/loss} * 10": 51,
		"${a}/a":               1,
		"a.b - 4 ":             2,
		"1 / 0":                math.Inf(1),
		strings.Repeat("(", 90) + "4" + strings.Repeat(")", 90): 4,
	} {
		f, err := parseFormula(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		values := map[string]float64{"a": 1, "val/loss": 5, "a.b": 6}
		var in []float64
		for _, k := range f.keys {
			in = append(in, values[k])
		}
		if got := f.eval(in); got != want {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
	f, err := parseFormula("b * a + b")
	if err != nil || !cmp.Equal(f.keys, []string{"b", "a"}) {
		t.Errorf("keys %v, %v", f.keys, err)
	}
}

func TestFormulaFaults(t *testing.T) {
	for text, part := range map[string]string{
		"":                                  "character 1 a value is missing",
		"loss +":                            "character 7 a value is missing",
		"é + ":                              "character 5 a value is missing",
		"(a + 1":                            "character 7 a ) is missing",
		"a b":                               "character 3 an operator is missing",
		"2 * 3x":                            `character 5 "3x" is not a number`,
		"${} + 1":                           "a name in ${ } is missing",
		"${a + 1":                           "a name in ${ } is missing",
		"a ? b":                             "character 3 an operator is missing",
		strings.Repeat("(", 200):            "too many brackets",
		strings.Repeat("2**", 200) + "2":    "too many powers",
		strings.Repeat("a", 3000):           "3000 bytes",
		"a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q": "more than 16 metrics",
	} {
		_, err := parseFormula(text)
		if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), part) {
			t.Errorf("%.40s: %v, want %q", text, err, part)
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, s := range []string{"a+b*2", "${x/y} ** -(1 % .5)", "((", "1e", "${", "-–"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		f, err := parseFormula(text)
		if err != nil {
			if !ballast.Is(err, ballast.Invalid) {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		f.eval(make([]float64, len(f.keys)))
	})
}

// An expression is the naive one of each row that has all that it names, by
// step and over another metric, in few points and in many, and in groups.
func TestPanelOfFormula(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	rows := modelRows(3000, 7)
	s.writer("r").write(rows, 170, layouts[0].sealed)
	ask := func(pr PanelRequest) *PanelRun {
		t.Helper()
		pr.ProjectID, pr.Runs = s.project.ID, []string{"r", "nobody"}
		p, err := s.q.Panel(ctx, pr)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Runs[1].Missing {
			t.Errorf("a run that is not there is not missing")
		}
		return &p.Runs[0]
	}
	var want []point // of the rows that have all three
	for _, r := range rows {
		loss, ok := r.number("loss")
		b, both := r.number("dict.b")
		count, all := r.number("count")
		if ok && both && all {
			want = append(want, point{r.step, count, loss*2 - b})
		}
	}
	few := ask(PanelRequest{Key: "=loss * 2 - ${dict.b} + 0 * count", Max: f64(400)})
	if few.Mode != ModePoints || few.N == 0 {
		t.Fatalf("mode %s of %d", few.Mode, few.N)
	}
	for i, p := range want[:few.N] {
		if few.X[i] != float64(p.step) || few.Y[i] != p.y && p.y == p.y {
			t.Fatalf("place %d is %v %v, want %v", i, few.X[i], few.Y[i], p)
		}
	}
	many := ask(PanelRequest{Key: "=loss * 2", X: "=2 * count", Buckets: 100})
	low, total := math.Inf(1), int64(0)
	for _, p := range pointsOf(rows, "loss", "count") {
		if total++; p.y-p.y == 0 {
			low = min(low, 2*p.y)
		}
	}
	if many.Mode != ModeBuckets || many.Total != total || slices.Min(finite(many.Low)) != float32(low) {
		t.Errorf("mode %s, %d points, least %v; want %d, %v", many.Mode, many.Total, slices.Min(finite(many.Low)), total, low)
	}
	g, err := s.q.GroupPanel(ctx, GroupRequest{Panel: PanelRequest{ProjectID: s.project.ID, Key: "=loss"}, Groups: []RunGroup{{Name: "g", Runs: []string{"r"}}}})
	if err != nil || g.Groups[0].Total != int64(len(pointsOf(rows, "loss", "_step"))) {
		t.Errorf("a group of an expression: %v", err)
	}
	for key, part := range map[string]string{"=loss +": "character 7", "=1 + 1": "names no metric"} {
		_, err := s.q.Panel(ctx, PanelRequest{ProjectID: s.project.ID, Runs: []string{"r"}, Key: key})
		if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func finite(fs []float32) []float32 {
	return slices.DeleteFunc(slices.Clone(fs), func(f float32) bool { return f != f })
}

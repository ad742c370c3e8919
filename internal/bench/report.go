package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Report is everything that was measured on one machine.
type Report struct {
	Machine Machine   `json:"machine"`
	Load    float64   `json:"load"`  // processes that wanted the cores in the minute before
	Share   float64   `json:"share"` // of a core that a busy loop got just before
	When    string    `json:"when"`
	Figures []*Figure `json:"figures"`
	Curves  []Curve   `json:"curves,omitempty"`
	Peers   []Peer    `json:"peers,omitempty"`
}

// NewReport is an empty report of this machine now.
func NewReport(when string) *Report {
	return &Report{Machine: thisMachine(), Load: loadNow(), Share: shareOfCore(), When: when}
}

// shareOfCore is how much of one core a busy loop gets: 1 on a machine that
// nobody else uses.
func shareOfCore() float64 {
	began, before := time.Now(), ownCPU()
	for x := 1.0; time.Since(began) < time.Second; {
		for range 1000 {
			x = x*1.0000001 + 1e-9
		}
		if x < 0 {
			break
		}
	}
	return min(1, (ownCPU()-before).Seconds()/time.Since(began).Seconds())
}

// Curve says how something grows.
type Curve struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	X     string `json:"x"`
	Y     string `json:"y"`
	Lines []Line `json:"lines"`
}

// Line is one measurement over the sizes of a curve.
type Line struct {
	Name   string `json:"name"`
	Points []Spot `json:"points"`
}

// Spot is a measurement at one size.
type Spot struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// grows is the exponent of n between the first and the last size.
func (l Line) grows() (float64, bool) {
	if len(l.Points) < 2 {
		return 0, false
	}
	a, b := l.Points[0], l.Points[len(l.Points)-1]
	if a.Y <= 0 || b.Y <= 0 || a.X <= 0 || b.X <= a.X {
		return 0, false
	}
	return math.Log(b.Y/a.Y) / math.Log(b.X/a.X), true
}

// Peer is what another tracker reaches on the same machine in the same run.
type Peer struct {
	Name  string  `json:"name"`
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Ours  float64 `json:"ours"`
}

// Write writes performance.md and its pictures below dir.
func (r *Report) Write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "performance"), 0o755); err != nil {
		return err
	}
	for i := range r.Curves {
		c := &r.Curves[i]
		if err := os.WriteFile(filepath.Join(dir, "performance", c.Name+".svg"), c.picture(), 0o644); err != nil {
			return err
		}
	}
	file := filepath.Join(dir, "performance.md")
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, append(r.markdown(), screens(old)...), 0o644)
}

// screens is the part of performance.md that test/browser/performance.mjs
// writes between two marks: what Chromium needs. It stays as it is.
func screens(old []byte) []byte {
	const begin, end = "<!-- screens", "<!-- /screens -->\n"
	from, to := bytes.Index(old, []byte(begin)), bytes.Index(old, []byte(end))
	if from < 0 || to < from {
		return nil
	}
	return append([]byte("\n"), old[from:to+len(end)]...)
}

func (r *Report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Performance\n\nWritten by `ballast bench all`; do not edit. What stands behind it: [design/094](design/094-where-the-time-goes.md).\n\n")
	r.machine(&b)
	fmt.Fprintf(&b, "\n\nTo repeat it: `make build && bin/ballast bench all --out docs` (about ten minutes), one figure: `bin/ballast bench NAME`, for machines: `--json`.\n\n")
	fmt.Fprintf(&b, "| # | `ballast bench` | | reached | goal | | beside a limit of the same run | server's memory, most |\n|---|---|---|---|---|---|---|---|\n")
	for _, f := range r.Figures {
		for _, v := range f.Values {
			peak := ""
			if f.Peak > 0 {
				peak = fmt.Sprintf("%d MB", f.Peak>>20)
			}
			fmt.Fprintf(&b, "| %d | %s | %s | %s %s | %s | %s | %s | %s |\n", f.Number, f.Name, v.What, quantity(v.Value), v.Unit, v.goal(), v.verdict(), v.beside(), peak)
		}
	}
	for _, f := range r.Figures {
		if f.Notes != "" {
			fmt.Fprintf(&b, "\n%s: %s\n", f.Name, f.Notes)
		}
	}
	r.curves(&b)
	r.peers(&b)
	return b.Bytes()
}

// machine says what was measured on, and how much of it others used.
func (r *Report) machine(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s, %d cores, %s, %s, on %s. Load before the run: %.1f processes for %d cores", r.Machine.CPU, r.Machine.Cores, r.Machine.OS, r.Machine.Go, r.When, r.Load, r.Machine.Cores)
	if r.Share > 0 && r.Share < 0.9 {
		fmt.Fprintf(b, ". **Others used the machine too: a busy loop got %.0f %% of a core. Times and rates are that much worse than it can do, and goals stand as missed that an idle machine reaches; the ratios to the limits, which were measured beside them, and the cores' times tell more**", 100*r.Share)
	}
	fmt.Fprintf(b, ".")
}

func (r *Report) curves(b *bytes.Buffer) {
	if len(r.Curves) > 0 {
		fmt.Fprintf(b, "\n## Growth\n\nThe exponent is that of n between the smallest and the largest size: 0 does not grow, 1 grows as n.\n")
	}
	for _, c := range r.Curves {
		fmt.Fprintf(b, "\n### %s\n\n![%s](performance/%s.svg)\n\n| %s |", c.Title, c.Title, c.Name, c.X)
		for _, l := range c.Lines {
			fmt.Fprintf(b, " %s |", l.Name)
		}
		fmt.Fprintf(b, "\n|---|")
		for range c.Lines {
			fmt.Fprintf(b, "---|")
		}
		for i, p := range c.Lines[0].Points {
			fmt.Fprintf(b, "\n| %s |", quantity(p.X))
			for _, l := range c.Lines {
				if i < len(l.Points) {
					fmt.Fprintf(b, " %s |", quantity(l.Points[i].Y))
				} else {
					fmt.Fprintf(b, " |")
				}
			}
		}
		fmt.Fprintf(b, "\n| |")
		for _, l := range c.Lines {
			if e, ok := l.grows(); ok {
				fmt.Fprintf(b, " grows as n^%.1f |", e)
			} else {
				fmt.Fprintf(b, " |")
			}
		}
		fmt.Fprintf(b, "\n")
	}
}

func (r *Report) peers(b *bytes.Buffer) {
	if len(r.Peers) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Peers, on the same machine in the same run\n\n| | | reaches | Ballast | |\n|---|---|---|---|---|\n")
	for _, p := range r.Peers {
		if p.Ours == 0 || p.Value == 0 {
			continue
		}
		ratio := p.Ours / p.Value
		if p.Unit == "ms" || p.Unit == "B/point" {
			ratio = p.Value / p.Ours
		}
		fmt.Fprintf(b, "| %s | %s | %s %s | %s | %s times better |\n", p.Name, p.What, quantity(p.Value), p.Unit, quantity(p.Ours), quantity(ratio))
	}
}

package ingest

import (
	"fmt"
	"testing"

	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestLargeConsole folds and seals 100,000 lines and reads them back, with a
// late rewrite of a sealed line lying over its block.
func TestLargeConsole(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	run := s.newRun(t, "r")
	const total, each = 100_000, 1000
	text := func(i int) string {
		return fmt.Sprintf(`{"ts":"2026-11-24T09:00:%02d.%06d","content":"step %d of many"}`, i/10000%60, i%1000000, i)
	}
	send := func(at int, lines ...string) {
		t.Helper()
		if _, err := s.Append(t.Context(), request(t, run, files(stream("output.log", at, lines...)))); err != nil {
			t.Fatal(err)
		}
	}
	for at := 0; at < total; at += each {
		lines := make([]string, each)
		for i := range lines {
			lines[i] = text(at + i)
		}
		send(at, lines...)
	}
	seal := func() meta.ConsoleView {
		t.Helper()
		if err := s.SealConsole(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		var v meta.ConsoleView
		if err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) { v, err = tx.ConsoleView(run, 0, -1); return err }); err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := seal()
	if len(v.Chunks) != 1 || v.Chunks[0].Lines != 2000 || len(v.Blocks) != 24 {
		t.Fatalf("%d chunks, %d blocks, want 1 of 2000 lines and 24", len(v.Chunks), len(v.Blocks))
	}
	send(5, `{"level":"error","ts":"2026-11-24T09:00:00.000000","content":"rewritten late"}`)
	v = seal()
	if len(v.Blocks) != 24 || len(v.Chunks) != 2 {
		t.Fatalf("after a late rewrite: %d chunks, %d blocks", len(v.Chunks), len(v.Blocks))
	}
	view := consoleView(s.opt.Stores, &v)
	lines, err := view.Lines(t.Context(), 0, total)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		want := fmt.Sprintf("step %d of many", i)
		if i == 5 {
			want = "rewritten late"
		}
		if l.Text != want || l.Number != int64(i) {
			t.Fatalf("line %d: %+v", i, l)
		}
	}
	m, err := console.NewMatcher("late", false, true)
	if err != nil {
		t.Fatal(err)
	}
	var found []int64
	if err := view.Search(t.Context(), m, console.Error, func(l console.Line) bool { found = append(found, l.Number); return true }); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0] != 5 {
		t.Errorf("found %v, want line 5", found)
	}
}

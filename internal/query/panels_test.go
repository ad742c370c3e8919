package query

import (
	"bytes"
	"context"
	"testing"

	"github.com/ballast-ml/ballast"
)

// TestPackedPanels asks for panels together: each is what it is by itself,
// also out of a shared cache, and one that cannot be read fails alone.
func TestPackedPanels(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("a")
	w.write(modelRows(300, 1), 100, func(int, int) bool { return true })
	w.seal()
	s.writer("b").write(modelRows(40, 2), 20, func(int, int) bool { return false })
	alone, sharing, _, c := replicas(s)
	ask := func(key string, runs ...string) PanelRequest {
		return PanelRequest{ProjectID: s.project.ID, Runs: runs, Key: key, Buckets: 50}
	}
	prs := []PanelRequest{ask("loss", "a", "b"), ask("", "a", "b"), ask("=loss*2", "a", "b"), ask("loss", "b")}
	together := func(name string, q *Query, after func()) {
		t.Helper()
		i := 0
		err := q.PackedPanels(ctx, prs, func(body []byte, err error) error {
			want, wrong := alone.PackedPanel(ctx, prs[i])
			if !bytes.Equal(body, want) || ballast.KindOf(err) != ballast.KindOf(wrong) {
				t.Errorf("%s: panel %d is not what it is by itself: %v, %v", name, i, err, wrong)
			}
			i++
			after()
			return nil
		})
		if err != nil || i != len(prs) {
			t.Errorf("%s: %d of %d panels came: %v", name, i, len(prs), err)
		}
	}
	together("alone", alone, func() {})
	// What is shared belongs to the runs as they are, so a row that comes between two panels is in the next.
	together("sharing", sharing, func() { w.send(historyFile, `{"_step":9000,"loss":7.5}`) })
	if c.puts == 0 {
		t.Error("nothing was shared")
	}
	left, cancel := context.WithCancel(ctx)
	cancel()
	if err := alone.PackedPanels(left, prs, func([]byte, error) error { t.Error("a panel for nobody"); return nil }); err == nil {
		t.Error("nobody waits, and it went on")
	}
}

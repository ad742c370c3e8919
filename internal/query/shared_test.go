package query

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
)

// spied is a cache that calls back between a miss and what follows it.
type spied struct {
	*memcache.Cache
	missed func()
	puts   int
}

func (s *spied) Get(ctx context.Context, key string) ([]byte, bool) {
	v, ok := s.Cache.Get(ctx, key)
	if !ok && s.missed != nil {
		s.missed()
	}
	return v, ok
}

func (s *spied) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	s.puts++
	s.Cache.Put(ctx, key, value, ttl)
}

// replicas are a reader that computes alone, one that shares, and one that
// reaches no bucket: it can only answer what the other shared.
func replicas(s *site) (alone, sharing, cut *Query, c *spied) {
	c = &spied{Cache: memcache.New(64 << 20)}
	return s.q, New(s.db, s.q.stores, nil, Options{Shared: c}), New(s.db, nil, nil, Options{Shared: c}), c
}

func TestSharedPanelIsFresh(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	w := s.writer("a")
	w.write(modelRows(3000, 1), 500, func(int, int) bool { return true })
	w.seal()
	alone, sharing, cut, c := replicas(s)
	ask := PanelRequest{ProjectID: s.project.ID, Runs: []string{"a", "nobody"}, Key: "loss", Buckets: 100}
	panel := func(q *Query) []byte {
		t.Helper()
		body, err := q.PackedPanel(ctx, ask)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	first := panel(sharing)
	if !bytes.Equal(first, panel(alone)) || !bytes.Equal(first, panel(cut)) {
		t.Fatal("the replicas answer differently")
	}
	groups := GroupRequest{Panel: ask, Groups: []RunGroup{{Name: "g", Runs: []string{"a"}}}}
	computed, err := sharing.PackedGroups(ctx, groups)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := cut.PackedGroups(ctx, groups); err != nil || !bytes.Equal(kept, computed) {
		t.Errorf("the grouped panel that was shared: %v", err)
	}

	w.send(historyFile, `{"_step":9000,"loss":7.5}`)
	if now := panel(sharing); bytes.Equal(now, first) || !bytes.Equal(now, panel(alone)) {
		t.Error("an acknowledged row is not in the answer")
	}
	s.run(ballast.Run{Name: "nobody"}, "")
	if now := panel(sharing); !bytes.Equal(now, panel(alone)) {
		t.Error("a run that was made is not in the answer")
	}

	puts := c.puts
	c.missed = func() { c.missed = nil; w.send(historyFile, `{"_step":9001,"loss":8.5}`) }
	ask.Buckets = 50
	if now := panel(sharing); !bytes.Equal(now, panel(alone)) {
		t.Error("a row that came while the panel was computed is not in the answer")
	}
	if c.puts != puts {
		t.Error("an answer was kept whose run changed while it was computed")
	}
}

// TestSharedPanelSpoilt finds something else under an answer's name.
func TestSharedPanelSpoilt(t *testing.T) {
	s, ctx := newSite(t), context.Background()
	s.writer("a").write(modelRows(200, 1), 100, func(int, int) bool { return false })
	_, sharing, _, c := replicas(s)
	ask := PanelRequest{ProjectID: s.project.ID, Runs: []string{"a"}, Key: "loss"}
	want, err := sharing.PackedPanel(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	if err := ask.check(); err != nil {
		t.Fatal(err)
	}
	name, err := sharing.sharedName(ctx, ask, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("not packed"), {0xff, 0xff, 0xff, 0xff, 0x0f, 0}, {4, 12, 'o', 'd', 'd', '!'}} {
		c.Put(ctx, name, bad, 0)
		if got, err := sharing.PackedPanel(ctx, ask); err != nil || !bytes.Equal(got, want) {
			t.Errorf("with %q in the cache: %v", bad, err)
		}
	}
}

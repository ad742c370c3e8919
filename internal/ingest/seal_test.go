package ingest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
	"github.com/google/go-cmp/cmp"
)

// TestSealInParts seals a tail that is longer than what is looked at in one
// go: every row once, in segments that follow each other.
func TestSealInParts(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Seal: SealOptions{Wide: 200, Merge: 100, Levels: 1}})
	run := s.newRun(t, "r")
	var want []string
	for i := range 40 {
		want = append(want, fmt.Sprintf(`{"_step":%d,"x":%d.5}`, i, i))
		if _, err := s.Append(t.Context(), request(t, run, files(stream("wandb-history.jsonl", i, want[i])))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Seal(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	var v meta.StreamView
	err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) { v, err = tx.StreamView(run, ballast.History); return err })
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Segments) < 3 || v.Sealed < 20 {
		t.Errorf("%d segments up to row %d: it was sealed in one go", len(v.Segments), v.Sealed)
	}
	if d := cmp.Diff(normal(want), normal(s.rows(t, run, ballast.History))); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

// TestFoldManyRows folds chunks of more rows than one chunk may have.
func TestFoldManyRows(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{Seal: SealOptions{Chunks: 8}})
	run := s.newRun(t, "r")
	var b history.Builder
	const rows = history.MaxChunkRows / 2
	for range rows {
		b.Row()
		b.Number([]byte("k"), 1, true)
	}
	data := b.Append(nil)
	err := s.meta.Write(t.Context(), "appending", func(tx *meta.Tx) error {
		var pool []meta.Append
		for i := range int64(5) {
			pool = append(pool, meta.Append{Run: run, History: &meta.Rows{Offset: i * rows, Lines: rows, First: 1, Data: data}})
		}
		_, err := tx.AppendStreams(pool, s.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Seal(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	var v meta.StreamView
	if err := s.meta.Read(t.Context(), func(tx *meta.Tx) (err error) { v, err = tx.TailView(run, ballast.History); return err }); err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, c := range v.Tail {
		got = append(got, c.Rows)
	}
	if !slices.Equal(got, []int{2 * rows, 2 * rows, rows}) {
		t.Errorf("chunks of %v rows", got)
	}
}

// stubbornStore answers every write with a fault of one kind.
type stubbornStore struct {
	*meta.DB
	kind ballast.Kind
}

func (s stubbornStore) Write(context.Context, string, func(*meta.Tx) error) error {
	return ballast.Errorf(s.kind, "for the test")
}

// TestStoreFaultsAreOurs: no fault of the store ends a run.
func TestStoreFaultsAreOurs(t *testing.T) {
	s := newSite(t, metatest.Open(t), 1, Options{})
	run := s.newRun(t, "r")
	for kind := ballast.Internal; kind <= ballast.Unsupported; kind++ {
		s.Ingest.db = stubbornStore{s.meta, kind}
		w := &waiting{append: meta.Append{Run: run}, since: time.Now(), done: make(chan struct{})}
		s.commit([]*waiting{w})
		switch got := ballast.KindOf(w.err); got {
		case ballast.Internal, ballast.Busy, ballast.Unavailable:
		default:
			t.Errorf("a store's %s is answered as %s", kind, got)
		}
	}
}

package backup_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/backup"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// TestChunk reads chunks of a tail out of the newest snapshot, which stays as
// it was, and can be restored.
func TestChunk(t *testing.T) {
	s := newSite(t, metatest.Open(t))
	data := []byte{0xb1, 0, 1, 2, 3}
	s.write(func(tx *meta.Tx) error {
		_, err := tx.AppendStreams([]meta.Append{{Run: s.run, History: &meta.Rows{Lines: 2, Data: data}}}, time.Now())
		return err
	})
	s.make(9)
	chunk, err := backup.Chunk(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := chunk(t.Context(), s.run, ballast.History, 0)
	if d := cmp.Diff(meta.Chunk{Rows: 2, Data: data}, got); err != nil || d != "" {
		t.Errorf("the chunk: %v (-want +got):\n%s", err, d)
	}
	if _, err := chunk(t.Context(), s.run, ballast.History, 1); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("a row in the middle of a chunk: %v, want NotFound", err)
	}
	to, _ := target(t)
	if _, err := backup.Restore(t.Context(), s.dir, "", to); err != nil {
		t.Errorf("restoring what was read from: %v", err)
	}
}

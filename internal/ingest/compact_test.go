package ingest

import (
	"fmt"
	"os"
	"testing"

	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// lookingSource looks into the folder of temporary files while a merge writes.
type lookingSource struct {
	history.Source
	dir  string
	seen *[]os.DirEntry
}

func (s lookingSource) RowRange() (from, to int64) {
	*s.seen, _ = os.ReadDir(s.dir)
	return s.Source.RowRange()
}

// TestMergeLeavesNoFile: a process that is killed in a merge leaves no file
// behind, since the file has no name.
func TestMergeLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newSite(t, metatest.Open(t), 1, Options{})
	var b history.Builder
	for i := range 10 {
		b.Row()
		b.Number(fmt.Appendf(nil, "k%d", i), 1, true)
	}
	tail, err := history.OpenTail([]history.TailChunk{{Rows: 10, Data: b.Append(nil)}})
	if err != nil {
		t.Fatal(err)
	}
	seen := []os.DirEntry{nil}
	name, _, err := s.writeMerged(t.Context(), 1, 0, 0, []history.Source{lookingSource{tail, dir, &seen}})
	if err != nil || len(s.bucket.objects[name]) == 0 {
		t.Fatalf("merging: %q, %v", name, err)
	}
	if len(seen) != 0 {
		t.Errorf("a kill now would leave %v", seen)
	}
}

package meta_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestView(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		at := time.UnixMicro(1_700_000_000_000_000).UTC()
		write := func(fn func(tx *meta.Tx) error) error { return db.Write(t.Context(), "test", fn) }
		view := func(name string) (v ballast.View) {
			v = ballast.View{ProjectID: 3, UserID: 5, Type: ballast.ViewWorkspace, Name: name, DisplayName: "Ablation ✓", Spec: `{"section":{}}`, Created: at}
			if err := write(func(tx *meta.Tx) (err error) { v, err = tx.CreateView(v); return err }); err != nil {
				t.Fatal(err)
			}
			return v
		}
		a, b := view("nw-a-v"), view("nw-b-v")
		if err := write(func(tx *meta.Tx) error { _, err := tx.CreateView(a); return err }); !ballast.Is(err, ballast.Conflict) {
			t.Errorf("the same name again: %v", err)
		}

		// Two people change the same revision: the second is told.
		mine, theirs := a, a
		mine.Spec, mine.EditorID, mine.Updated = `{"n":1}`, 6, at.Add(time.Second)
		theirs.Spec = `{"n":2}`
		if err := write(func(tx *meta.Tx) (err error) { mine, err = tx.UpdateView(mine); return err }); err != nil || mine.Rev != 2 {
			t.Fatalf("revision %d, %v", mine.Rev, err)
		}
		if err := write(func(tx *meta.Tx) error { _, err := tx.UpdateView(theirs); return err }); !ballast.Is(err, ballast.Conflict) || !strings.Contains(err.Error(), "revision 2") {
			t.Errorf("over another's change: %v", err)
		}

		read := func(q meta.ViewQuery) (all []ballast.View) {
			if err := db.Read(t.Context(), func(tx *meta.Tx) (err error) { all, err = tx.Views(3, q); return err }); err != nil {
				t.Fatal(err)
			}
			return all
		}
		for name, c := range map[string]struct {
			q    meta.ViewQuery
			want []ballast.View
		}{
			"all":     {meta.ViewQuery{Limit: 9}, []ballast.View{b, mine}},
			"page":    {meta.ViewQuery{Limit: 9, Before: b.ID}, []ballast.View{mine}},
			"name":    {meta.ViewQuery{Limit: 9, Type: ballast.ViewWorkspace, Name: "nw-b-v"}, []ballast.View{b}},
			"type":    {meta.ViewQuery{Limit: 9, Type: ballast.ViewReport}, nil},
			"creator": {meta.ViewQuery{Limit: 9, UserID: 6}, nil},
		} {
			if diff := cmp.Diff(c.want, read(c.q)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}

		long := b
		long.DisplayName = strings.Repeat("ü", 4001)
		if err := write(func(tx *meta.Tx) error { _, err := tx.UpdateView(long); return err }); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("a long title: %v", err)
		}
		if err := write(func(tx *meta.Tx) error { return tx.DeleteView(a.ID) }); err != nil {
			t.Error(err)
		}
		if err := write(func(tx *meta.Tx) error { _, err := tx.UpdateView(mine); return err }); !ballast.Is(err, ballast.NotFound) {
			t.Errorf("changing a deleted view: %v", err)
		}
	})
}

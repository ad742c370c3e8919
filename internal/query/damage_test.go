package query

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// TestDamageIsTold flips bits of a run's segment: every way of reading it says
// which steps are damaged, and a panel shows the other run all the same.
func TestDamageIsTold(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	for _, name := range []string{"whole", "hurt"} {
		w := s.writer(name)
		var rows []string
		for i := range 40 {
			rows = append(rows, fmt.Sprintf(`{"_step":%d,"loss":%g}`, 10*i, float64(i)/7))
		}
		w.send("wandb-history.jsonl", rows...)
		w.seal()
		if name == "hurt" {
			s.damage(t, w.id)
			_, err := s.q.History(ctx, w.id, RowQuery{})
			if !ballast.Is(err, ballast.Damaged) || !strings.Contains(err.Error(), "the steps 0 to 390 of history (rows 0 to 39) of this run are damaged") {
				t.Errorf("rows: %v", err)
			}
		}
	}
	request := PanelRequest{ProjectID: s.project.ID, Runs: []string{"hurt", "whole"}, Key: "loss", X: "_step"}
	p, err := s.q.Panel(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if hurt := p.Runs[0]; !strings.Contains(hurt.Damaged, "the steps 0 to 390") || hurt.N != 0 || hurt.Missing {
		t.Errorf("the damaged run is %+v", hurt)
	}
	if whole := p.Runs[1]; whole.Damaged != "" || whole.Total != 40 {
		t.Errorf("the other run is %+v", whole)
	}
	// A second panel of the same runs says it too, although they were opened for the first.
	other := request
	other.Key = "=loss*2"
	var opened *openedRuns
	for _, ask := range []PanelRequest{request, other, request} {
		if next, err := s.q.panelOf(ctx, ask, &opened); err != nil || next.Runs[0].Damaged != p.Runs[0].Damaged {
			t.Errorf("%s of runs that are opened already: %+v, %v", ask.Key, next, err)
		}
	}
	if _, err := s.q.GroupPanel(ctx, GroupRequest{Panel: request, Groups: []RunGroup{{Name: "both", Runs: []string{"hurt", "whole"}}}}); !ballast.Is(err, ballast.Damaged) {
		t.Errorf("a group with a damaged run: %v", err)
	}
}

// damage flips bits of the values of a run's segments.
func (s *site) damage(t *testing.T, run int64) {
	t.Helper()
	var all []meta.Segment
	err := s.db.Read(t.Context(), func(tx *meta.Tx) (err error) {
		all, err = tx.Segments(run, ballast.History)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("segments: %d, %v", len(all), err)
	}
	for _, g := range all {
		r, err := s.q.stores[g.Store].Get(t.Context(), g.Object, 0, g.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i := 8; i < int(g.DirOff); i += 3 {
			body[i] ^= 4
		}
		if _, err := s.q.stores[g.Store].Put(t.Context(), g.Object, bytes.NewReader(body), g.Bytes); err != nil {
			t.Fatal(err)
		}
	}
}

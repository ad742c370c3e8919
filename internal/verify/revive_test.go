package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/internal/verify"
)

// bury gives a job of each queue up, for a run.
func (s *site) bury(run int64) {
	s.t.Helper()
	q := sqlqueue.New(s.db)
	for _, name := range []string{"seal", "console", "compact"} {
		if err := q.Push(s.t.Context(), queue.Job{Queue: name, Name: fmt.Sprint("run/", run)}); err != nil {
			s.t.Fatal(err)
		}
		l, ok, err := q.Pull(s.t.Context(), name, time.Minute)
		if err != nil || !ok {
			s.t.Fatal(ok, err)
		}
		if err := l.Bury(s.t.Context(), errors.New("the rows are damaged")); err != nil {
			s.t.Fatal(err)
		}
	}
}

// TestRepairRevives: with its damage the jobs of a run that were given up for it
// are over; those of other runs stay.
func TestRepairRevives(t *testing.T) {
	for name, hurt := range map[string]func(s *site){
		"directory": func(s *site) { s.exec("UPDATE segment SET dir=x'00112233'") },
		"footer":    func(s *site) { g := s.view().Segments[0]; flip(s.t, s.object(g), 8*int(g.Bytes-20)) },
		"object":    func(s *site) { os.Remove(s.object(s.view().Segments[0])) },
		"tail": func(s *site) {
			bad := bytes.Clone(s.view().Tail[0].Data)
			bad[len(bad)-1] ^= 1
			s.exec("UPDATE tail SET data=? WHERE run=?", bad, s.run)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sealed(t)
			kept, whole := s.keep(), s.view().Tail[0]
			s.bury(s.run)
			s.bury(s.run + 1)
			hurt(s)
			o := verify.Options{Ingest: s.in, BackupChunk: func(context.Context, int64, ballast.Stream, int64) (meta.Chunk, error) {
				return whole, nil
			}}
			if name == "object" {
				o.Backup = func(_ context.Context, _ int, name string) ([]byte, error) { return kept[name], nil }
			}
			if r := s.check(o); len(r.Findings) == 0 || r.Unrepaired() != 0 {
				t.Fatalf("findings %+v", r.Findings)
			}
			dead, err := sqlqueue.New(s.db).Dead(t.Context())
			if err != nil || len(dead) != 3 {
				t.Fatalf("%d jobs are given up, want the other run's (%v)", len(dead), err)
			}
			for _, d := range dead {
				if d.Name != fmt.Sprint("run/", s.run+1) {
					t.Errorf("%s of %s is still given up", d.Name, d.Queue)
				}
			}
		})
	}
}

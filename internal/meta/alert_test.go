package meta_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestAlerts(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		run, other := newRun(t, db, "r"), newRun(t, db, "other")
		for _, tt := range []struct {
			run   int64
			title string
			after time.Duration
			wait  time.Duration
			want  bool
		}{
			{run, "low", 0, time.Minute, true},
			{run, "low", 59 * time.Second, time.Minute, false},
			{run, "Low", 59 * time.Second, time.Minute, true}, // another title
			{other, "low", 59 * time.Second, time.Minute, true},
			{run, "low", 59 * time.Second, 0, true},
			{run, "low", 118 * time.Second, time.Minute, false}, // since the last that was stored
			{run, "low", 119 * time.Second, time.Minute, true},
		} {
			var stored bool
			err := db.Write(context.Background(), "alert", func(tx *meta.Tx) (err error) {
				stored, err = tx.AddAlert(ballast.Alert{RunID: tt.run, Title: tt.title, Text: "…", Severity: ballast.SeverityWarn, Wait: tt.wait, Created: start.Add(tt.after)})
				return err
			})
			if err != nil || stored != tt.want {
				t.Errorf("%q after %v: stored %v, want %v, %v", tt.title, tt.after, stored, tt.want, err)
			}
		}
		var got []ballast.Alert
		err := db.Read(context.Background(), func(tx *meta.Tx) (err error) {
			got, err = tx.Alerts(run, 2)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].ID = 0
		}
		want := []ballast.Alert{
			{RunID: run, Title: "low", Text: "…", Severity: ballast.SeverityWarn, Wait: time.Minute, Created: start.Add(119 * time.Second)},
			{RunID: run, Title: "low", Text: "…", Severity: ballast.SeverityWarn, Created: start.Add(59 * time.Second)},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("alerts (-want +got):\n%s", diff)
		}
	})
}

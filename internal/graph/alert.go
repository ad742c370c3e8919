package graph

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	maxAlertTitle = 1000     // bytes
	maxAlertText  = 64 << 10 // bytes
	alertWait     = time.Minute
	firstAlerts   = 50
	maxAlerts     = 1000
)

// NotifyScriptableRunAlert stores what run.alert says (docs/design/061).
func (r mutationResolver) NotifyScriptableRunAlert(ctx context.Context, in generated.NotifyScriptableRunAlertInput) (*generated.NotifyScriptableRunAlertPayload, error) {
	run, err := r.runNamed(ctx, in.EntityName, in.ProjectName, in.RunName, auth.Write)
	if err != nil {
		return nil, err
	}
	if !run.Deleted.IsZero() {
		return nil, deleted(run)
	}
	if len(in.Title) > maxAlertTitle || len(in.Text) > maxAlertText {
		return nil, ballast.Errorf(ballast.Invalid, "an alert's title has at most %d bytes and its text %d: these have %d and %d",
			maxAlertTitle, maxAlertText, len(in.Title), len(in.Text))
	}
	a := ballast.Alert{RunID: run.ID, Title: in.Title, Text: in.Text, Severity: ballast.SeverityInfo, Wait: alertWait, Created: r.now()}
	if in.Severity != nil {
		a.Severity = ballast.Severity(*in.Severity)
	}
	if ms := in.WaitDuration; ms != nil {
		a.Wait = time.Duration(min(max(0, *ms), int64(time.Hour/time.Millisecond)*24*365)) * time.Millisecond
	}
	err = r.db.Write(ctx, "store alert", func(tx *meta.Tx) error {
		_, err := tx.AddAlert(a)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &generated.NotifyScriptableRunAlertPayload{Success: true, ClientMutationID: in.ClientMutationID}, nil
}

func (r runResolver) Alerts(ctx context.Context, run *ballast.Run, first *int) ([]*generated.RunAlert, error) {
	var all []ballast.Alert
	err := r.db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.Alerts(run.ID, page(first, firstAlerts, maxAlerts))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]*generated.RunAlert, len(all))
	for i, a := range all {
		out[i] = &generated.RunAlert{ID: opaqueID("RunAlert", a.ID), Title: a.Title, Text: a.Text, Severity: generated.AlertSeverity(a.Severity), CreatedAt: a.Created}
	}
	return out, nil
}

package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// told is a View whose damage is told to people: which part of the run it is,
// and what can be done.
type told struct {
	history.View
	part string
}

// partOf names a segment by what people know of it.
func partOf(g *meta.Segment) string {
	return fmt.Sprintf("the steps %d to %d of %s (rows %d to %d)", g.StepMin, g.StepMax, g.Stream, g.Row0, g.Row0+g.Visible-1)
}

// tell turns damage into words that may be shown.
func tell(err error, part string) error {
	if !ballast.Is(err, ballast.Damaged) {
		return err
	}
	return ballast.Wrap(ballast.Damaged, err, `%s of this run are damaged where they are stored and cannot be shown; an administrator can find and repair them with "ballast doctor --deep --repair --from BACKUP"`, part)
}

func (t *told) Series(ctx context.Context, key string, r history.Range, dst *history.Points) error {
	return tell(t.View.Series(ctx, key, r, dst), t.part)
}

func (t *told) Buckets(ctx context.Context, key string, dst *history.Buckets) error {
	return tell(t.View.Buckets(ctx, key, dst), t.part)
}

func (t *told) Table(ctx context.Context, dst *history.Table) error {
	return tell(t.View.Table(ctx, dst), t.part)
}

func (t *told) Catalogue(ctx context.Context, dst *history.Catalogue) error {
	return tell(t.View.Catalogue(ctx, dst), t.part)
}

// spare has a run of a panel say that it is damaged, so that the others are
// shown. Charts of groups do not: a mean without a run would be another.
func (r *panelRun) spare(err error) error {
	var known *ballast.Error
	if !r.apart || !errors.As(err, &known) || known.Kind != ballast.Damaged {
		return err
	}
	*r.out = PanelRun{Run: r.out.Run, Mode: ModePoints, Damaged: known.Text}
	r.id, r.low, r.high, r.rows = 0, 0, -1, 0
	return nil
}

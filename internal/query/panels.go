package query

import (
	"context"
	"slices"
)

// PackedPanels reads panels one after another and hands each over as it is
// read: in its packed form, or why there is none. The runs of neighbours that
// name the same ones are looked up and opened once. It ends when all are
// handed over, when take fails, or when ctx is over.
func (q *Query) PackedPanels(ctx context.Context, prs []PanelRequest, take func(body []byte, err error) error) error {
	var o *openedRuns
	for i, pr := range prs {
		if i > 0 && !pr.sameRuns(&prs[i-1]) {
			o = nil
		}
		body, err := q.packedOf(ctx, pr, &o)
		if gone := ctx.Err(); gone != nil {
			return gone
		}
		if err := take(body, err); err != nil {
			return err
		}
	}
	return nil
}

func (q *Query) packedOf(ctx context.Context, pr PanelRequest, o **openedRuns) ([]byte, error) {
	if q.opt.Shared != nil {
		// A shared answer is named by what its runs are now, so they are opened now.
		return q.PackedPanel(ctx, pr)
	}
	return pack(q.panelOf(ctx, pr, o))
}

// panelOf reads a panel of the runs in o, which it opens where they are not.
func (q *Query) panelOf(ctx context.Context, pr PanelRequest, o **openedRuns) (*Panel, error) {
	if err := pr.check(); err != nil {
		return nil, err
	}
	if *o == nil {
		opened, err := q.openRuns(ctx, pr)
		if err != nil {
			return nil, err
		}
		*o = opened
	}
	return q.readPanel(ctx, pr, *o)
}

// sameRuns reports whether two panels are of the same stream of the same runs.
func (pr *PanelRequest) sameRuns(other *PanelRequest) bool {
	return pr.ProjectID == other.ProjectID && pr.Stream == other.Stream && slices.Equal(pr.Runs, other.Runs)
}

package graph

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/graph/generated"
)

const (
	firstLines = 1000
	maxLines   = 10_000
)

func (r runResolver) LogLineCount(_ context.Context, run *ballast.Run) (*int64, error) {
	return &run.Live.OutputLines, nil
}

func (r runResolver) LogLines(ctx context.Context, run *ballast.Run, first *int, after *string, last *int, _ *bool) (*generated.LogLineConnection, error) {
	tail := 0
	if last != nil {
		tail = page(last, firstLines, maxLines)
	}
	got, err := r.query.LogPage(ctx, run.ID, page(first, firstLines, maxLines), text(after), tail)
	if err != nil {
		return nil, err
	}
	out := &generated.LogLineConnection{Edges: []*generated.LogLineEdge{}, PageInfo: &generated.PageInfo{HasNextPage: got.More}}
	for i, l := range got.Lines {
		node := &generated.LogLine{Number: &l.Number, Level: some(l.Level), Label: some(l.Label), Line: &got.Lines[i].Text}
		if !l.Time.IsZero() {
			node.Timestamp = new(l.Time.UTC().Format(time.RFC3339Nano))
		}
		out.Edges = append(out.Edges, &generated.LogLineEdge{Node: node})
		out.PageInfo.EndCursor = &got.Cursors[i]
	}
	return out, nil
}

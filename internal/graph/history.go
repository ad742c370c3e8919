package graph

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/query"
)

const (
	tailRows    = 1       // of historyTail: the SDK reads the last one only
	maxSamples  = 100_000 // rows of one answer
	firstSample = 500
)

func (r runResolver) HistoryLineCount(_ context.Context, run *ballast.Run) (*int64, error) {
	return &run.Live.HistoryLines, nil
}

func (r runResolver) EventsLineCount(_ context.Context, run *ballast.Run) (*int64, error) {
	return &run.Live.EventLines, nil
}

func (r runResolver) Gaps(_ context.Context, run *ballast.Run) (int64, error) {
	return run.Live.Gaps, nil
}

func (r runResolver) HistoryKeys(ctx context.Context, run *ballast.Run) (any, error) {
	r.scans.begun(ctx, run.ID, r.now())
	if run.Live.Rows == 0 {
		return nil, nil
	}
	keys, err := r.query.Keys(ctx, run.ID)
	if err != nil || keys == nil {
		return nil, err
	}
	return keys, nil
}

func (r runResolver) HistoryTail(ctx context.Context, run *ballast.Run) (*string, error) {
	tail, err := r.query.HistoryTail(ctx, run.ID, tailRows)
	return &tail, err
}

func (r runResolver) EventsTail(ctx context.Context, run *ballast.Run) (*string, error) {
	tail, err := r.query.EventsTail(ctx, run.ID, tailRows)
	return &tail, err
}

func (r runResolver) History(ctx context.Context, run *ballast.Run, minStep, maxStep *int64, samples *int) ([]string, error) {
	return r.query.History(ctx, run.ID, query.RowQuery{MinStep: minStep, MaxStep: maxStep, Samples: page(samples, firstSample, maxSamples)})
}

func (r runResolver) Events(ctx context.Context, run *ballast.Run, samples *int) ([]string, error) {
	return r.query.Events(ctx, run.ID, page(samples, firstSample, maxSamples))
}

func (r runResolver) SampledHistory(ctx context.Context, run *ballast.Run, specs []string) ([]any, error) {
	out := make([]any, 0, len(specs))
	for _, text := range specs {
		spec, err := query.ParseSampleSpec(text)
		if err != nil {
			return nil, err
		}
		rows, err := r.query.Sampled(ctx, run.ID, spec)
		if err != nil {
			return nil, err
		}
		if rows == nil {
			out = append(out, []any{})
			continue
		}
		out = append(out, rows)
	}
	return out, nil
}

package query

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// hiddenOf says what erasures hide.
func hiddenOf(erased []meta.Erasure) []history.Hidden {
	all := make([]history.Hidden, len(erased))
	for i, e := range erased {
		all[i] = history.HideKeys(e.Keys, e.RowTo, e.StepFrom, e.StepTo)
	}
	return all
}

// KeyChoice says which values of a run's history are to be deleted: those of
// keys, by the names that rows have, in a range of steps.
type KeyChoice struct {
	Keys    []string
	Prefix  string // keys that begin with it; "": none
	Pattern string // keys in which a regular expression (RE2) finds something; "": none
	MinStep *int64 // inclusive
	MaxStep *int64 // exclusive
}

// Chosen is what a KeyChoice finds in a run's history at one moment.
type Chosen struct {
	Keys   []string // by the names that rows have, sorted
	Values int64    // how many of them there are

	run     int64
	gen     int64
	erasure meta.Erasure
	after   []byte // what the summary says of the keys' values that are left, a JSON object
}

// matcher returns what reports whether a key is chosen.
func (c KeyChoice) matcher() (func(name string) bool, error) {
	if len(c.Keys) == 0 && c.Prefix == "" && c.Pattern == "" {
		return nil, ballast.Errorf(ballast.Invalid, "no keys are named: give keys, a prefix or a pattern")
	}
	if len(c.Pattern) > maxPattern {
		return nil, ballast.Errorf(ballast.Invalid, "the pattern has %d bytes, at most %d are allowed", len(c.Pattern), maxPattern)
	}
	expr, err := regexp.Compile(c.Pattern)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "the pattern %q is no regular expression: %v", c.Pattern, err)
	}
	for _, k := range c.Keys {
		if strings.HasPrefix(k, "_") {
			return nil, ballast.Errorf(ballast.Invalid, "the key %.80q cannot be deleted: keys that begin with an underscore say when a row was written", k)
		}
	}
	return func(name string) bool {
		if strings.HasPrefix(name, "_") {
			return false
		}
		return slices.Contains(c.Keys, name) || c.Prefix != "" && strings.HasPrefix(name, c.Prefix) || c.Pattern != "" && expr.MatchString(name)
	}, nil
}

// ChooseKeys finds what is to be deleted of a run's history. config is the
// run's, whose define_metric rules shape the summary. Keys that begin with an
// underscore are never among them.
func (q *Query) ChooseKeys(ctx context.Context, runID int64, config []byte, c KeyChoice) (*Chosen, error) {
	matches, err := c.matcher()
	if err != nil {
		return nil, err
	}
	s, err := q.open(ctx, runID, ballast.History)
	if err != nil {
		return nil, err
	}
	known, err := q.streamKeys(ctx, s, ballast.History)
	if err != nil {
		return nil, err
	}
	found := &Chosen{run: runID, gen: s.live.Gen, erasure: meta.Erasure{RowTo: s.rows, StepFrom: math.MinInt64, StepTo: math.MaxInt64}}
	if c.MinStep != nil {
		found.erasure.StepFrom = *c.MinStep
	}
	if c.MaxStep != nil {
		found.erasure.StepTo = *c.MaxStep
	}
	shown := shownNames(known.Keys)
	for _, k := range known.Keys {
		if !matches(shown[k.Key]) {
			continue
		}
		n, err := s.countSteps(ctx, k, found.erasure)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		found.Values += n
		found.Keys = append(found.Keys, shown[k.Key])
		found.erasure.Keys = append(found.erasure.Keys, k.Key)
	}
	if len(found.Keys) == 0 {
		return found, nil
	}
	slices.Sort(found.Keys)
	found.after, err = s.summaryWithout(ctx, found.erasure, definedMetrics(config))
	return found, err
}

// countSteps is how many values of a key are in an erasure's steps.
func (s *stream) countSteps(ctx context.Context, k history.KeyInfo, e meta.Erasure) (n int64, err error) {
	if e.StepFrom <= k.FirstStep && e.StepTo > k.LastStep {
		return k.Count, nil
	}
	r, p := history.Steps(e.StepFrom, e.StepTo), history.Points{}
	for from := k.FirstRow; from <= k.LastRow; from += joinWindow {
		r.RowFrom, r.RowTo = from, min(from+joinWindow, k.LastRow+1)
		p.Reset(k.Key)
		if err := s.series(ctx, k.Key, r, &p); err != nil {
			return 0, err
		}
		n += int64(p.Len())
	}
	return n, nil
}

// summaryWithout is the summary of an erasure's keys once it is done.
func (s *stream) summaryWithout(ctx context.Context, e meta.Erasure, metrics []metric) ([]byte, error) {
	left := stream{run: s.run, live: s.live, rows: s.rows}
	for _, v := range s.views {
		left.views = append(left.views, history.Hide(v, hiddenOf([]meta.Erasure{e})))
	}
	c := history.NewCatalogue()
	for _, v := range left.views {
		if err := v.Catalogue(ctx, c); err != nil {
			return nil, err
		}
	}
	t := history.NewTable(0, 1)
	for _, k := range c.Keys() {
		if _, ok := slices.BinarySearch(e.Keys, k.Key); !ok {
			continue
		}
		var rule summaryRule
		if m := metricOf(metrics, k.Key); m != nil {
			rule = m.summary
		}
		if err := left.summarize(ctx, t, &k, s.rows, rule); err != nil {
			return nil, err
		}
	}
	return t.AppendRowJSON(nil, 0, history.RowOptions{}), nil
}

// Erase deletes the values, inside a transaction. It reports false, and has
// done nothing, when the run's rows were replaced since they were chosen.
func (c *Chosen) Erase(tx *meta.Tx, now time.Time) (bool, error) {
	if len(c.Keys) == 0 {
		return true, nil
	}
	return tx.EraseKeys(c.run, c.gen, c.erasure, c.editSummary, now)
}

// editSummary takes the keys out of a summary and puts in what is left of them.
func (c *Chosen) editSummary(summary []byte) ([]byte, error) {
	gone := &keyTree{}
	for _, k := range c.erasure.Keys {
		gone.add(history.SplitKey(k))
	}
	without, err := gone.cut(string(summary))
	if err != nil {
		return nil, err
	}
	with, err := mergeObjects(without, string(c.after))
	return []byte(with), err
}

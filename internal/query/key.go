package query

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
	"golang.org/x/sync/errgroup"
)

// keysTTL is how long the keys of a version of a run are kept. The next append
// makes a new version.
const keysTTL = time.Hour

// HistoryKeys is what a run logged, as the SDK reads it (PRODUCT 3.3).
type HistoryKeys struct {
	Keys     map[string]KeyInfo `json:"keys"`
	LastStep int64              `json:"lastStep"` // highest _step; -1 when no row has one
	Sets     []json.RawMessage  `json:"sets"`     // always empty
}

// KeyInfo describes a key of a run's history.
type KeyInfo struct {
	TypeCounts []TypeCount     `json:"typeCounts"`    // most frequent first
	Previous   json.RawMessage `json:"previousValue"` // the last value; special numbers are strings; null when it is over 1024 bytes
	Monotonic  bool            `json:"monotonic"`     // numbers that never fall
}

// TypeCount says how many values of a key have a type: number, string,
// boolean, null, list, map, or the _type of a media object.
type TypeCount struct {
	Type  string `json:"type"`
	Count int64  `json:"count"`
}

// sdkTypes are the kinds of history by the names that the SDK's world uses.
var sdkTypes = map[string]string{"bool": "boolean", "object": "map"}

func sdkType(kind string) string {
	if t, ok := sdkTypes[kind]; ok {
		return t
	}
	return strings.TrimPrefix(kind, "media:")
}

// Keys returns the keys of a run's history, or nil when it has no rows.
func (q *Query) Keys(ctx context.Context, runID int64) (*HistoryKeys, error) {
	s, err := q.open(ctx, runID, ballast.History)
	if err != nil {
		return nil, err
	}
	known, err := q.streamKeys(ctx, s, ballast.History)
	if err != nil || s.visible() == 0 {
		return nil, err
	}
	keys := &HistoryKeys{Keys: make(map[string]KeyInfo, len(known.Keys)), LastStep: known.LastStep, Sets: []json.RawMessage{}}
	shown := shownNames(known.Keys)
	for _, k := range known.Keys {
		info := KeyInfo{Monotonic: k.Monotonic, Previous: quoteSpecial(k.Last)}
		for _, c := range k.Kinds {
			info.TypeCounts = append(info.TypeCounts, TypeCount{Type: sdkType(c.Kind), Count: c.Count})
		}
		slices.SortStableFunc(info.TypeCounts, func(a, b TypeCount) int { return cmp.Compare(b.Count, a.Count) })
		keys.Keys[shown[k.Key]] = info
	}
	return keys, nil
}

// quoteSpecial is a JSON value with its special numbers as strings; null for
// none.
func quoteSpecial(js []byte) json.RawMessage {
	if json.Valid(js) {
		return js
	}
	v, err := parseJSON(string(js))
	if err != nil {
		return json.RawMessage("null")
	}
	return v.appendJSON(nil, true)
}

// shownNames are the names by which keys are known outside: without the
// escapes of dots, unless two keys would then be one (docs/design/011).
func shownNames(keys []history.KeyInfo) map[string]string {
	shown, owner := make(map[string]string, len(keys)), map[string]string{}
	for _, k := range keys {
		if !strings.Contains(k.Key, `\`) {
			shown[k.Key], owner[k.Key] = k.Key, k.Key
		}
	}
	for _, k := range keys {
		if shown[k.Key] != "" || k.Key == "" {
			continue
		}
		name := strings.Join(history.SplitKey(k.Key), ".")
		if _, taken := owner[name]; taken {
			name = k.Key
		}
		shown[k.Key], owner[name] = name, k.Key
	}
	return shown
}

// knownKeys is what is known of the keys of one stream of a run, as kept in
// the cache.
type knownKeys struct {
	Keys     []history.KeyInfo
	LastStep int64
}

func keysName(run int64, which ballast.Stream, gen, ver int64) string {
	return fmt.Sprintf("query/keys/2/%d/%d/%d/%d", run, which, gen, ver)
}

// streamKeys collects the keys of an open stream, or takes them from the
// cache.
func (q *Query) streamKeys(ctx context.Context, s *stream, which ballast.Stream) (*knownKeys, error) {
	name := keysName(s.run, which, s.live.Gen, s.live.Ver)
	if known := q.cachedKeys(ctx, name); known != nil {
		return known, nil
	}
	c := history.NewCatalogue()
	for _, v := range s.views {
		if err := v.Catalogue(ctx, c); err != nil {
			return nil, fmt.Errorf("keys of run %d: %w", s.run, err)
		}
	}
	known := &knownKeys{Keys: c.Keys(), LastStep: c.LastStep()}
	if q.cache != nil {
		q.cache.Put(ctx, name, known.encode(), keysTTL)
	}
	return known, nil
}

func (q *Query) cachedKeys(ctx context.Context, name string) *knownKeys {
	if q.cache == nil {
		return nil
	}
	data, ok := q.cache.Get(ctx, name)
	if !ok {
		return nil
	}
	return decodeKeys(data)
}

// SystemMetrics returns the last value of each key of a run's system metrics,
// as the text of a JSON object. "{}" when there are none.
func (q *Query) SystemMetrics(ctx context.Context, runID int64) (string, error) {
	var js []byte
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		js, err = tx.SystemSummary(runID)
		return err
	})
	if len(js) == 0 {
		js = []byte("{}")
	}
	return string(js), err
}

// CatalogueKey is a key that some of the runs asked about have.
type CatalogueKey struct {
	Key    string  `json:"key"`  // by the name that rows have too (docs/design/011)
	Type   string  `json:"type"` // of most values: number, string, bool, null, list, object, media:<_type>; chart: a custom chart of the config
	Runs   int     `json:"runs"` // how many of the runs have it
	Step   *string `json:"step"` // its step metric by define_metric
	Hidden bool    `json:"hidden"`
}

// Catalogue lists the keys of a set of runs, in order of name. Keys that begin
// with an underscore, which are internal, are left out.
type Catalogue struct {
	History []CatalogueKey `json:"history"`
	Events  []CatalogueKey `json:"events"`
}

// catalogueRun is a run whose keys are collected.
type catalogueRun struct {
	meta.RunRef
	metrics         []metric
	charts          []chart
	history, events *knownKeys
}

// Catalogue returns the keys that runs of a project have, with the metrics
// that define_metric declared. Unknown runs are left out; more than
// MaxPanelRuns are Invalid.
func (q *Query) Catalogue(ctx context.Context, projectID int64, runs []string) (*Catalogue, error) {
	if len(runs) > MaxPanelRuns {
		return nil, ballast.Errorf(ballast.Invalid, "keys of %d runs: at most %d are allowed", len(runs), MaxPanelRuns)
	}
	refs, err := q.runRefs(ctx, projectID, runs)
	if err != nil {
		return nil, err
	}
	found := make([]catalogueRun, 0, len(refs))
	for _, ref := range refs {
		found = append(found, catalogueRun{RunRef: ref})
	}
	if err := q.readMetrics(ctx, found); err != nil {
		return nil, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(q.opt.Workers)
	for i := range found {
		g.Go(func() (err error) {
			r := &found[i]
			if r.history, err = q.runKeys(gctx, r, ballast.History); err != nil {
				return err
			}
			r.events, err = q.runKeys(gctx, r, ballast.Events)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	h, e := newKeyTally(), newKeyTally()
	for i := range found {
		h.add(found[i].history, found[i].metrics)
		h.addCharts(found[i].charts)
		e.add(found[i].events, nil)
	}
	return &Catalogue{History: h.list(), Events: e.list()}, nil
}

// readMetrics finds the metrics that the runs' configs define.
func (q *Query) readMetrics(ctx context.Context, found []catalogueRun) error {
	place := map[int64]int{}
	var ids []int64
	for i := range found {
		if m, ok := q.metrics.Get(metricsKey{found[i].ID, found[i].Rev}); ok {
			found[i].metrics, found[i].charts = m.metrics, m.charts
			continue
		}
		place[found[i].ID] = i
		ids = append(ids, found[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return q.db.Read(ctx, func(tx *meta.Tx) error {
		runs, err := tx.RunsByID(ids)
		for i := range runs {
			m := defined{definedMetrics(runs[i].Config), definedCharts(runs[i].Config)}
			r := &found[place[runs[i].ID]]
			r.metrics, r.charts = m.metrics, m.charts
			q.metrics.Add(metricsKey{runs[i].ID, runs[i].Rev}, m)
		}
		return err
	})
}

// metricsKey names the metrics that a version of a run's config defines.
type metricsKey struct{ run, rev int64 }

// runKeys returns the keys of a stream of a run, from the cache when the run
// did not change.
func (q *Query) runKeys(ctx context.Context, r *catalogueRun, which ballast.Stream) (*knownKeys, error) {
	if known := q.cachedKeys(ctx, keysName(r.ID, which, r.Gen, r.Ver)); known != nil {
		return known, nil
	}
	s, err := q.open(ctx, r.ID, which)
	if ballast.Is(err, ballast.NotFound) {
		return &knownKeys{}, nil
	}
	if err != nil {
		return nil, err
	}
	return q.streamKeys(ctx, s, which)
}

// keyTally sums the keys of several runs up.
type keyTally struct{ keys map[string]*talliedKey }

type talliedKey struct {
	runs   int
	kinds  map[string]int64
	steps  map[string]int
	hidden bool
}

func newKeyTally() *keyTally { return &keyTally{keys: map[string]*talliedKey{}} }

func (t *keyTally) add(known *knownKeys, metrics []metric) {
	shown := shownNames(known.Keys)
	for _, k := range known.Keys {
		name := shown[k.Key]
		if strings.HasPrefix(name, "_") {
			continue
		}
		tk := t.keys[name]
		if tk == nil {
			tk = &talliedKey{kinds: map[string]int64{}, steps: map[string]int{}}
			t.keys[name] = tk
		}
		tk.runs++
		for _, c := range k.Kinds {
			tk.kinds[c.Kind] += c.Count
		}
		if m := metricOf(metrics, k.Key); m != nil {
			tk.hidden = tk.hidden || m.hidden
			if step := cmp.Or(shown[m.step], m.step); step != "" {
				tk.steps[step]++
			}
		}
	}
}

// addCharts adds the custom charts of a run. Tables that only feed a chart are
// not shown by themselves.
func (t *keyTally) addCharts(charts []chart) {
	for _, c := range charts {
		tk := t.keys[c.name]
		if tk == nil {
			tk = &talliedKey{kinds: map[string]int64{chartType: 1}, steps: map[string]int{}}
			t.keys[c.name] = tk
		}
		if tk.kinds[chartType] > 0 {
			tk.runs++
		}
		for _, key := range c.tables {
			if tk := t.keys[key]; tk != nil {
				tk.hidden = true
			}
		}
	}
}

func (t *keyTally) list() []CatalogueKey {
	list := make([]CatalogueKey, 0, len(t.keys))
	for key, tk := range t.keys {
		k := CatalogueKey{Key: key, Runs: tk.runs, Hidden: tk.hidden, Type: mostFrequent(tk.kinds)}
		if step := mostFrequent(tk.steps); step != "" {
			k.Step = &step
		}
		list = append(list, k)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list
}

// mostFrequent returns the name with the highest count, of equals the first.
func mostFrequent[N int | int64](counts map[string]N) string {
	best, most := "", N(0)
	for name, n := range counts {
		if n > most || n == most && name < best {
			best, most = name, n
		}
	}
	return best
}

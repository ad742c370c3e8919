package query

import "strings"

// metric is what define_metric says of a key (PRODUCT 3.6).
type metric struct {
	name    string // exact, as keys are stored
	prefix  string // of a glob "prefix*"; used when isGlob
	isGlob  bool
	step    string // its step metric; "" is the step
	hidden  bool
	summary summaryRule
}

// definedMetrics reads a config's _wandb.value.m, a list of maps by the
// numbers of protocol buffer fields. What is not understood is left out.
func definedMetrics(config []byte) []metric {
	ex := newExtractor([]field{{source: fromConfig, path: []string{"_wandb", "m"}}})
	raw := ex.extract(config, nil)[0].list
	names := make([]string, len(raw))
	for i, r := range raw {
		name, _ := r.member("1")
		names[i] = name.str
	}
	var metrics []metric
	for i, r := range raw {
		m := metric{name: names[i]}
		if glob, _ := r.member("2"); m.name == "" && glob.str != "" {
			m.isGlob = true
			m.prefix = strings.TrimSuffix(glob.str, "*")
		}
		if m.name == "" && !m.isGlob {
			continue
		}
		if at, _ := r.member("5"); at.kind == number && at.num >= 1 && int(at.num) <= len(names) {
			m.step = names[int(at.num)-1]
		}
		if step, _ := r.member("4"); m.step == "" && step.kind == text {
			m.step = step.str
		}
		options, _ := r.member("6")
		for _, o := range options.list {
			m.hidden = m.hidden || o.kind == number && o.num == 2
		}
		summaries, _ := r.member("7")
		goal, _ := r.member("8")
		m.summary = summaryRuleOf(summaries, goal)
		metrics = append(metrics, m)
	}
	return metrics
}

// metricOf finds the definition of a key: the exact one, or else the first
// glob. nil: none.
func metricOf(metrics []metric, key string) *metric {
	for i := range metrics {
		if !metrics[i].isGlob && metrics[i].name == key {
			return &metrics[i]
		}
	}
	for i := range metrics {
		if metrics[i].isGlob && strings.HasPrefix(key, metrics[i].prefix) && metrics[i].step != key {
			return &metrics[i]
		}
	}
	return nil
}

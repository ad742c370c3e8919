package meta

import "github.com/ballast-ml/ballast"

// readDerived reads what the summaries of runs are derived from.
func (a *appender) readDerived(runs []int64) error {
	if len(runs) == 0 {
		return nil
	}
	if err := a.t.readBodies("summary_state", runs, a.states); err != nil {
		return err
	}
	for _, id := range distinct(runs) {
		if a.runs[id] == nil {
			continue
		}
		run, err := a.t.Run(id)
		if err != nil {
			return err
		}
		a.configs[id] = run.Config
	}
	return nil
}

// derive makes a summary out of the rows that a request brought.
func (a *appender) derive(h *hist, p *Append, d *dirt) error {
	in := Derivation{State: a.states[h.run], Summary: a.summaries[h.run], Config: a.configs[h.run]}
	if p.History != nil {
		in.Chunk = p.History.stored
	}
	state, summary, err := p.Derive(in)
	if err != nil {
		return err
	}
	a.states[h.run], a.summaries[h.run] = state, summary
	d.state, d.summary = true, true
	return nil
}

// branched are the runs of a pool whose summary may begin with something: those
// with rows that are older than the process that writes.
func (a *appender) branched(pool []Append) []int64 {
	var runs []int64
	for i := range pool {
		p := &pool[i]
		if h := a.runs[p.Run]; h != nil && p.Summary != nil && p.OverBase != nil && (h.base != 0 || h.nrow[0] > h.lines[0]) {
			runs = append(runs, p.Run)
		}
	}
	return runs
}

// rest stores what is no row: console lines, summary, last system metrics.
func (a *appender) rest(h *hist, p *Append) error {
	d := a.dirty[h.run]
	if p.Output != nil && p.Output.Count > 0 {
		if err := a.output(h, p.Writer, p.Output); err != nil {
			return err
		}
	}
	if p.Derive != nil {
		if err := a.derive(h, p, &d); err != nil {
			return err
		}
	} else if p.MergeSummary != nil {
		body, err := p.MergeSummary(a.summaries[h.run])
		if err != nil {
			return err
		}
		a.summaries[h.run], d.summary = body, true
	} else if p.Summary != nil {
		body := p.Summary
		if base := a.bases[h.run]; base != nil && p.OverBase != nil {
			var err error
			if body, err = p.OverBase(base); err != nil {
				return err
			}
		}
		a.summaries[h.run], d.summary = body, true
	}
	if p.System != nil {
		body, err := p.System(a.systems[h.run])
		if err != nil {
			return err
		}
		a.systems[h.run], d.system = body, true
	}
	if d != (dirt{}) {
		a.dirty[h.run] = d
	}
	return nil
}

// repeat stores what a request with known rows has beside them and was never
// stored: a second sync cuts the stream into other pieces. Console lines count
// when they go beyond what is there, the summary when no later row is known;
// a request that merely comes late changes nothing.
func (a *appender) repeat(h *hist, p *Append) error {
	q := *p
	if q.Output != nil && (q.Writer != "" || q.Output.Offset+int64(q.Output.Count) <= h.lines[ballast.Output]) {
		q.Output = nil
	}
	for kind, r := range [...]*Rows{p.History, p.Events} {
		if r != nil && r.Offset+int64(r.Lines) < h.next(kind, p.Writer) {
			q.Summary, q.MergeSummary, q.System, q.Derive = nil, nil, nil, nil
		}
	}
	return a.rest(h, &q)
}

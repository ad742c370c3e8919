package history

import "context"

// Hidden are values that are not shown although they are stored: those of some
// keys in a range of rows and steps.
type Hidden struct {
	Keys map[string]struct{}
	Range
}

// HideKeys hides the values of keys in rows below rowTo with stepFrom <= step <
// stepTo.
func HideKeys(keys []string, rowTo, stepFrom, stepTo int64) Hidden {
	h := Hidden{Keys: make(map[string]struct{}, len(keys)), Range: Range{RowTo: rowTo, StepFrom: stepFrom, StepTo: stepTo}}
	for _, k := range keys {
		h.Keys[k] = struct{}{}
	}
	return h
}

// touches reports whether values of a key can be hidden.
func (h *Hidden) touches(key string) bool {
	_, ok := h.Keys[key]
	return ok
}

// Hide is a view without what is hidden; the view itself when that is nothing.
func Hide(v View, hidden []Hidden) View {
	if len(hidden) == 0 {
		return v
	}
	return &hiding{v, hidden}
}

// HideSource is Hide for what a segment is written from.
func HideSource(s Source, hidden []Hidden) Source {
	if len(hidden) == 0 {
		return s
	}
	return &hidingSource{s, hidden}
}

// hideWindow is how many rows of a key are read at a time: a series may be
// longer than memory.
const hideWindow = 1 << 16

// windows calls fn with the values of key in a range, some rows at a time,
// until it is no more.
func windows(ctx context.Context, v View, key string, r Range, fn func(*Points) (more bool)) error {
	from, to := v.RowRange()
	from, to = max(from, r.RowFrom), min(to, r.RowTo)
	p := Points{}
	for ; from < to; from += hideWindow {
		r.RowFrom, r.RowTo = from, min(from+hideWindow, to)
		p.Reset(key)
		if err := v.Series(ctx, key, r, &p); err != nil {
			return err
		}
		if p.Len() > 0 && !fn(&p) {
			return nil
		}
	}
	return nil
}

// HasHidden reports whether a view has values that are hidden.
func HasHidden(ctx context.Context, v View, hidden []Hidden) (found bool, err error) {
	for i := range hidden {
		for key := range hidden[i].Keys {
			err := windows(ctx, v, key, hidden[i].Range, func(*Points) bool { found = true; return false })
			if found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// drop takes the hidden ones out of the values from start on.
func (p *Points) drop(start int, hidden []Hidden) {
	for i := range hidden {
		if hidden[i].touches(p.Key) {
			p.filter(start, func(row, step int64) bool { return !hidden[i].has(row, step) })
		}
	}
}

func touched(key string, hidden []Hidden) bool {
	for i := range hidden {
		if hidden[i].touches(key) {
			return true
		}
	}
	return false
}

// hiding is a View without what is hidden.
type hiding struct {
	View
	hidden []Hidden
}

func (h *hiding) Series(ctx context.Context, key string, r Range, dst *Points) error {
	if !touched(key, h.hidden) {
		return h.View.Series(ctx, key, r, dst)
	}
	p := Points{Key: key}
	if err := h.View.Series(ctx, key, r, &p); err != nil {
		return err
	}
	if p.drop(0, h.hidden); p.Len() > 0 {
		dst.append(&p, 0, p.Len())
	}
	return nil
}

// Buckets reads the values of a key that is touched: its levels of detail
// count what is hidden.
func (h *hiding) Buckets(ctx context.Context, key string, dst *Buckets) error {
	if !touched(key, h.hidden) {
		return h.View.Buckets(ctx, key, dst)
	}
	return windows(ctx, h, key, Steps(dst.Grid.Start, dst.Grid.End()), func(p *Points) bool { dst.Add(p); return true })
}

func (h *hiding) Table(ctx context.Context, dst *Table) error {
	dst.hidden = h.hidden
	defer func() { dst.hidden = nil }()
	return h.View.Table(ctx, dst)
}

func (h *hiding) Catalogue(ctx context.Context, dst *Catalogue) error {
	all := NewCatalogue()
	if err := h.View.Catalogue(ctx, all); err != nil {
		return err
	}
	for key, state := range all.keys {
		if !touched(key, h.hidden) {
			dst.addState(key, state)
			continue
		}
		if err := windows(ctx, h, key, All(), func(p *Points) bool { dst.Add(p); return true }); err != nil {
			return err
		}
	}
	return nil
}

// hidingSource is a Source without what is hidden.
type hidingSource struct {
	Source
	hidden []Hidden
}

func (h *hidingSource) Scan(ctx context.Context, yield func(*Points) error) error {
	return h.Source.Scan(ctx, func(p *Points) error {
		if p.drop(0, h.hidden); p.Len() == 0 {
			return nil
		}
		return yield(p)
	})
}

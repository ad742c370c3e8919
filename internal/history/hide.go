package history

import "context"

// Hidden are values that are not shown although they are stored: those of some
// keys in a range of rows and steps.
type Hidden struct {
	Keys map[string]struct{}
	Range
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

// CountHidden is how many values of a view are hidden.
func CountHidden(ctx context.Context, v View, hidden []Hidden) (n int64, err error) {
	var p Points
	for i := range hidden {
		if from, to := v.RowRange(); from >= hidden[i].RowTo || to <= hidden[i].RowFrom {
			continue
		}
		for key := range hidden[i].Keys {
			p.Reset(key)
			if err := v.Series(ctx, key, hidden[i].Range, &p); err != nil {
				return 0, err
			}
			n += int64(p.Len())
		}
	}
	return n, nil
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
	p := Points{Key: key}
	if err := h.Series(ctx, key, Steps(dst.Grid.Start, dst.Grid.End()), &p); err != nil {
		return err
	}
	dst.Add(&p)
	return nil
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
		p := Points{Key: key}
		if err := h.Series(ctx, key, All(), &p); err != nil {
			return err
		}
		dst.Add(&p)
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

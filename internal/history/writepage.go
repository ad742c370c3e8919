package history

// cutPages decides which values of a group share a page.
func (s *segmentWriter) cutPages(series []seriesRef) []pageSet {
	var pages []pageSet
	var p pageSet
	texts := 0
	end := func() {
		if p.rows > 0 {
			pages = append(pages, p)
		}
		p, texts = pageSet{}, 0
	}
	long := min(longSeries, s.opt.PageRows)
	for i := range series {
		ref := &series[i]
		if p.rows+ref.n > s.opt.PageRows || ref.n >= long || i > 0 && series[i-1].n >= long {
			end()
		}
		for at := ref.start; at < ref.start+ref.n; {
			if p.rows == 0 {
				p.firstRow, p.firstStep = s.group.Row[at], s.group.Step[at]
			}
			rows := min(ref.start+ref.n-at, s.opt.PageRows-p.rows)
			if ref.hasJSON {
				rows = s.fits(at, rows, &texts, p.rows == 0)
			}
			if rows > 0 {
				p.need(ref)
				p.rows += rows
				at += rows
			}
			if at < ref.start+ref.n {
				end()
			}
		}
	}
	end()
	return pages
}

// fits is how many of rows from place at on still fit into a page that has so
// many bytes of JSON: at least one when it is empty.
func (s *segmentWriter) fits(at, rows int, texts *int, empty bool) int {
	for i := range rows {
		n := len(s.group.JSON[at+i])
		if *texts+n > s.opt.PageBytes && !(empty && i == 0) {
			return i
		}
		*texts += n
	}
	return rows
}

func (p *pageSet) need(ref *seriesRef) {
	for c, need := range ref.needs() {
		p.has[c] = p.has[c] || need
	}
}

// writePages writes the columns of the first n values of the group, one after
// the other.
func (s *segmentWriter) writePages(k *block, off int64, n int) error {
	g := s.footer.group(int64(n), k)
	if err := s.keyColumn(g, k); err != nil {
		return err
	}
	v := s.group.slice(0, n)
	plan := s.codec.plan(&v, k.pages)
	page, index := 0, []int32(nil) // of the values; what is left of the dictionary's
	if plan.dict != nil {
		index = plan.dict.index
	}
	encode := [pageCols]func(from, to int) ([]byte, error){
		colRow:  func(from, to int) ([]byte, error) { return s.codec.ints(v.Row[from:to]) },
		colStep: func(from, to int) ([]byte, error) { return s.codec.ints(v.Step[from:to]) },
		colValue: func(from, to int) ([]byte, error) {
			p := v.slice(from, to)
			page++
			if plan.store[page-1] != storeDict {
				return s.codec.numbers(p.Value, p.JSON, plan.store[page-1] == storeSplit)
			}
			s.codec.load(p.Value, p.JSON)
			list := index[:len(s.codec.bits)]
			index = index[len(list):]
			return s.codec.byDictionary(list, p.Len(), p.JSON)
		},
		colInteger: func(from, to int) ([]byte, error) {
			p := v.slice(from, to)
			return s.codec.integers(p.Form, p.All, p.Len()), nil
		},
		colJSON: func(from, to int) ([]byte, error) {
			p := v.slice(from, to)
			return s.codec.texts(p.JSON, p.Len())
		},
	}
	for c := range encode {
		chunk := g.column(parquetColumns[c+1], s.at)
		if c == colValue && plan.dict != nil {
			if err := s.dictionaryPage(chunk, k, off); err != nil {
				return err
			}
		}
		at := 0
		for i := range k.pages {
			rows := k.pages[i].rows
			payload, err := encode[c](at, at+rows)
			if err != nil {
				return err
			}
			ref := s.codec.ref
			head, err := chunk.page(rows, &ref)
			if err != nil {
				return err
			}
			if err := s.put(head); err != nil {
				return err
			}
			ref.off = s.at - off
			if err := s.put(payload); err != nil {
				return err
			}
			k.pages[i].col[c] = ref
			at += rows
		}
		chunk.end(s.at)
	}
	g.end(s.at)
	return nil
}

package history

import (
	"encoding/binary"
	"slices"
)

// What a directory says of a series in one byte.
const (
	refRowEven = 1 << iota
	refStepEven
	refMixed
	refJSON
	refNumbers
	refMonotonic
	refLastJSON
	refLastInt
)

func (s *seriesRef) append(dst []byte) []byte {
	st := &s.state
	dst = appendString(dst, s.key)
	dst = append(dst, bit(s.rowStride > 0)*refRowEven|bit(s.stepEven)*refStepEven|bit(s.mixed)*refMixed|bit(s.hasJSON)*refJSON|
		bit(s.hasNumbers)*refNumbers|bit(st.Monotonic)*refMonotonic|bit(s.lastForm == JSON)*refLastJSON|bit(s.lastForm == Int)*refLastInt)
	dst = append(dst, byte(s.forms))
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(s.n)), uint64(st.FirstRow))
	if s.rowStride > 0 {
		dst = binary.AppendUvarint(dst, uint64(s.rowStride))
	} else {
		dst = binary.AppendUvarint(dst, uint64(st.LastRow-st.FirstRow))
	}
	dst = binary.AppendVarint(dst, s.firstStep0)
	if s.stepEven {
		dst = binary.AppendVarint(dst, s.stepStride)
	} else {
		dst = binary.AppendVarint(binary.AppendVarint(dst, st.FirstStep), st.LastStep)
	}
	if st.Monotonic {
		dst = appendFloat(dst, st.first)
	}
	if s.lastForm != JSON {
		dst = appendFloat(dst, st.last)
	} else {
		dst = appendString(append(dst, bit(st.Last != nil)), string(st.Last))
	}
	if s.hasJSON {
		dst = binary.AppendUvarint(dst, uint64(len(st.Kinds)))
		for _, k := range st.Kinds {
			dst = binary.AppendUvarint(appendString(dst, k.Kind), uint64(k.Count))
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.levels)))
	for _, l := range s.levels {
		for _, v := range []int64{l.width, l.buckets, l.off, int64(l.zip), int64(l.raw)} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		dst = binary.LittleEndian.AppendUint32(dst, l.crc)
	}
	return dst
}

func (s *seriesRef) parse(r *reader) {
	st := &s.state
	s.key = r.string()
	f := r.byte()
	s.stepEven, s.mixed, s.hasJSON, s.hasNumbers = f&refStepEven != 0, f&refMixed != 0, f&refJSON != 0, f&refNumbers != 0
	st.Monotonic = f&refMonotonic != 0
	if s.forms = Form(r.byte()); s.forms > JSON {
		r.fail()
	}
	n := r.int()
	st.FirstRow = r.int()
	if n <= 0 || n > MaxChunkRows || st.FirstRow > maxRow {
		r.fail()
		return
	}
	s.n, st.Key, st.Count = int(n), s.key, n
	if gap := r.int(); gap > maxRow || f&refRowEven != 0 && gap > maxRow/n {
		r.fail()
	} else if f&refRowEven != 0 {
		s.rowStride, st.LastRow = gap, st.FirstRow+(n-1)*gap
	} else {
		st.LastRow = st.FirstRow + gap
	}
	s.parseSteps(r, n)
	if st.Monotonic {
		st.first = r.float()
	}
	switch {
	case f&refLastJSON != 0:
		s.lastForm = JSON
		if r.byte() == 1 {
			st.Last = []byte(r.string())
		} else {
			r.string()
		}
	default:
		s.lastForm = Form(f & refLastInt / refLastInt)
		st.last = r.float()
	}
	s.parseKinds(r)
	s.parseLevels(r)
}

// info is what the directory says of the values, complete. Few ask for it, so
// parse leaves out what can be told from the rest.
func (s *seriesRef) info() *keyState {
	state := s.state
	state.Kinds = slices.Clone(state.Kinds)
	if !s.hasJSON {
		state.Kinds = []KindCount{{"number", int64(s.n)}}
	}
	if s.lastForm != JSON {
		state.Last = AppendNumber(nil, state.last, s.lastForm, false)
	}
	return &state
}

func (s *seriesRef) parseSteps(r *reader, n int64) {
	st := &s.state
	s.firstStep0 = r.varint()
	if !s.stepEven {
		st.FirstStep, st.LastStep = r.varint(), r.varint()
		return
	}
	s.stepStride = r.varint()
	if max(s.stepStride, -s.stepStride) > maxRow/n || max(s.firstStep0, -s.firstStep0) > maxRow {
		r.fail()
		return
	}
	end := s.firstStep0 + (n-1)*s.stepStride
	st.FirstStep, st.LastStep = min(s.firstStep0, end), max(s.firstStep0, end)
}

func (s *seriesRef) parseKinds(r *reader) {
	if !s.hasJSON {
		return
	}
	n := r.int()
	if n > int64(len(r.b)) {
		r.fail()
		return
	}
	for range n {
		s.state.Kinds = append(s.state.Kinds, KindCount{r.string(), r.int()})
	}
}

func (s *seriesRef) parseLevels(r *reader) {
	n := r.int()
	if n > int64(len(r.b)) {
		r.fail()
		return
	}
	for range n {
		l := levelRef{width: r.int(), buckets: r.int(), off: r.int(), zip: int(r.int()), raw: int(r.int()), crc: r.u32()}
		if l.zip > maxPageBytes || l.raw > maxPageBytes || l.width <= 0 || l.off > maxObject || l.buckets > int64(l.raw) {
			r.fail()
			return
		}
		s.levels = append(s.levels, l)
	}
}

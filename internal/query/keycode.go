package query

import (
	"encoding/binary"

	"github.com/ballast-ml/ballast/internal/history"
	"github.com/klauspost/compress/s2"
)

// maxKnownKeys bounds what kept keys may unfold to, in bytes.
const maxKnownKeys = 256 << 20

// encode is what is known of keys as it is kept in the cache: a run can have
// 100,000 of them, and as JSON they would be too large to keep.
func (k *knownKeys) encode() []byte {
	b := binary.AppendVarint(nil, k.LastStep)
	b = binary.AppendUvarint(b, uint64(len(k.Keys)))
	for i := range k.Keys {
		b = appendKeyInfo(b, &k.Keys[i])
	}
	return s2.Encode(nil, b)
}

func appendKeyInfo(b []byte, k *history.KeyInfo) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(k.Key))), k.Key...)
	flags := byte(0)
	if k.Monotonic {
		flags |= 1
	}
	if k.Last != nil {
		flags |= 2
	}
	b = append(b, flags)
	b = append(binary.AppendUvarint(b, uint64(len(k.Last))), k.Last...)
	for _, n := range []int64{k.Count, k.FirstStep, k.LastStep, k.FirstRow, k.LastRow} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(k.Kinds)))
	for _, c := range k.Kinds {
		b = append(binary.AppendUvarint(b, uint64(len(c.Kind))), c.Kind...)
		b = binary.AppendVarint(b, c.Count)
	}
	return b
}

// decodeKeys reads what encode wrote; nil when it is something else.
func decodeKeys(packed []byte) *knownKeys {
	if n, err := s2.DecodedLen(packed); err != nil || n > maxKnownKeys {
		return nil
	}
	b, err := s2.Decode(nil, packed)
	if err != nil {
		return nil
	}
	in, kinds := partReader{b: b}, map[string]string{}
	known := &knownKeys{LastStep: in.signed()}
	known.Keys = make([]history.KeyInfo, in.count())
	for i := range known.Keys {
		in.keyInfo(&known.Keys[i], kinds)
	}
	if in.bad || len(in.b) > 0 {
		return nil
	}
	return known
}

// keyInfo reads one key; kinds holds the names of kinds that came before.
func (r *partReader) keyInfo(k *history.KeyInfo, kinds map[string]string) {
	k.Key = string(r.bytes())
	flags := r.byte()
	last := r.bytes()
	if k.Monotonic = flags&1 != 0; flags&2 != 0 {
		k.Last = last
	}
	for _, n := range []*int64{&k.Count, &k.FirstStep, &k.LastStep, &k.FirstRow, &k.LastRow} {
		*n = r.signed()
	}
	k.Kinds = make([]history.KindCount, r.count())
	for i := range k.Kinds {
		name := r.bytes()
		kind, ok := kinds[string(name)]
		if !ok {
			kind = string(name)
			kinds[kind] = kind
		}
		k.Kinds[i] = history.KindCount{Kind: kind, Count: r.signed()}
	}
}

func (r *partReader) signed() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

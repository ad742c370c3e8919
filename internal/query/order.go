package query

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/ballast-ml/ballast"
)

const maxOrderKeys = 8

// orderKey is one key of an order.
type orderKey struct {
	field field
	desc  bool
}

// parseOrder reads an order such as "+created_at" or "-summary_metrics.loss";
// without a sign it ascends, several may be joined by commas. Empty is
// +created_at, the SDK's default.
func parseOrder(order []string) ([]orderKey, error) {
	var keys []orderKey
	for _, part := range order {
		for s := range strings.SplitSeq(part, ",") {
			s = strings.TrimSpace(s)
			if s == "" {
				continue
			}
			k := orderKey{desc: s[0] == '-'}
			f, err := parseField(strings.TrimLeft(s, "+-"))
			if err != nil {
				return nil, ballast.Errorf(ballast.Invalid, "order %.80q: %w", s, err)
			}
			k.field = f
			keys = append(keys, k)
		}
	}
	if len(keys) > maxOrderKeys {
		return nil, ballast.Errorf(ballast.Invalid, "an order has %d keys, at most %d are allowed", len(keys), maxOrderKeys)
	}
	if len(keys) == 0 {
		keys = []orderKey{{field: field{name: "created_at"}}}
	}
	return keys, nil
}

// orderName is the order in words, which a cursor carries so that it is not
// used with another.
func orderName(keys []orderKey) string {
	var b strings.Builder
	for _, k := range keys {
		if k.desc {
			b.WriteByte('-')
		} else {
			b.WriteByte('+')
		}
		b.WriteString(k.field.String())
		b.WriteByte(',')
	}
	return b.String()
}

// maxSortText is how many bytes of a text decide its place.
const maxSortText = 256

// sortValue is v as sorting sees it: short, and nothing but what has an order.
func sortValue(v value) value {
	switch v.kind {
	case text:
		if len(v.str) > maxSortText {
			v.str = v.str[:maxSortText]
		}
		if v.str == "" {
			return value{}
		}
		return v
	case number, moment, boolean:
		if v.num != v.num {
			return value{}
		}
		return value{kind: v.kind, num: v.num}
	case list:
		if len(v.list) == 0 {
			return value{}
		}
		return value{kind: text, str: cut(string(v.appendJSON(nil, false)))}
	case object:
		return value{kind: object}
	}
	return value{}
}

func cut(s string) string { return s[:min(len(s), maxSortText)] }

// sortItem is a sort value without room for lists: orders of many runs compare these.
type sortItem struct {
	kind kind
	num  float64
	str  string
}

func (v value) cell() sortItem { return sortItem{kind: v.kind, num: v.num, str: v.str} }

// compareSort orders two sort values; what has no value (missing, null, empty,
// NaN) comes last in both directions.
func compareSort(a, b value, desc bool) int {
	x, y := a.cell(), b.cell()
	return compareCells(&x, &y, desc)
}

func compareCells(a, b *sortItem, desc bool) int {
	if a.kind <= null || b.kind <= null {
		switch {
		case a.kind <= null && b.kind <= null:
			return 0
		case a.kind <= null:
			return 1
		}
		return -1
	}
	c := cmp.Compare(a.kind, b.kind)
	if c == 0 {
		if a.kind == text {
			c = strings.Compare(a.str, b.str)
		} else {
			c = cmp.Compare(a.num, b.num)
		}
	}
	if desc {
		return -c
	}
	return c
}

// place is where a run stands in an order: its sort values, then its ordinal.
type place struct {
	values  []value
	ordinal int64
}

func comparePlace(a, b place, keys []orderKey) int {
	for i, k := range keys {
		if c := compareSort(a.values[i], b.values[i], k.desc); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.ordinal, b.ordinal)
}

// cursor is the opaque form of a place: base64 of a JSON list of the order's
// name, the ordinal, and per key its kind and value.
func (p place) cursor(keys []orderKey) string {
	v := value{kind: list, list: []value{textValue(orderName(keys)), numberValue(float64(p.ordinal))}}
	for _, s := range p.values {
		v.list = append(v.list, numberValue(float64(s.kind)))
		if s.kind == text {
			v.list = append(v.list, textValue(base64.RawURLEncoding.EncodeToString([]byte(s.str))))
		} else {
			v.list = append(v.list, numberValue(s.num))
		}
	}
	return base64.RawURLEncoding.EncodeToString(v.appendJSON(nil, false))
}

// parseCursor reads a cursor made for the order.
func parseCursor(s string, keys []orderKey) (place, error) {
	bad := ballast.Errorf(ballast.Invalid, "the cursor %.60q is not of this list; start again without it", s)
	doc, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(s) > 1<<16 {
		return place{}, bad
	}
	v, err := parseJSON(string(doc))
	if err != nil || v.kind != list || len(v.list) != 2+2*len(keys) || v.list[0].str != orderName(keys) || v.list[1].kind != number {
		return place{}, bad
	}
	p := place{ordinal: int64(v.list[1].num)}
	for rest := v.list[2:]; len(rest) > 0; rest = rest[2:] {
		k := kind(rest[0].num)
		switch {
		case rest[0].kind != number || rest[0].num < 0 || rest[0].num > float64(object):
			return place{}, bad
		case k == text:
			raw, err := base64.RawURLEncoding.DecodeString(rest[1].str)
			if err != nil || rest[1].kind != text {
				return place{}, bad
			}
			p.values = append(p.values, value{kind: k, str: string(raw)})
		case rest[1].kind != number:
			return place{}, bad
		default:
			p.values = append(p.values, value{kind: k, num: rest[1].num})
		}
	}
	return p, nil
}

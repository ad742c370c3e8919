package query

import (
	"strings"

	"github.com/ballast-ml/ballast/internal/history"
)

// jsonMember is a member of a JSON object, its value as text.
type jsonMember struct{ name, value string }

// splitMembers reads the members of a JSON object as they are written.
func splitMembers(object string) ([]jsonMember, error) {
	p := parser{s: object}
	if p.peek() != '{' {
		return nil, p.fail("an object is expected")
	}
	p.i++
	var all []jsonMember
	for p.peek() != '}' {
		if len(all) > 0 {
			if p.peek() != ',' {
				return nil, p.fail("a comma or the object's end is expected")
			}
			p.i++
			p.blank()
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.peek() != ':' {
			return nil, p.fail("a colon is expected")
		}
		p.i++
		p.blank()
		from := p.i
		if _, err := p.value(0); err != nil {
			return nil, err
		}
		all = append(all, jsonMember{name, object[from:p.i]})
	}
	return all, nil
}

func joinMembers(all []jsonMember) string {
	b := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(history.AppendText(b, m.name), ':')
		b = append(b, m.value...)
	}
	return string(append(b, '}'))
}

// keyTree is a set of keys by the names that they join.
type keyTree struct {
	whole bool // the key that ends here is one
	below map[string]*keyTree
}

func (t *keyTree) add(path []string) {
	if len(path) == 0 {
		t.whole = true
		return
	}
	if t.below == nil {
		t.below = map[string]*keyTree{}
	}
	next := t.below[path[0]]
	if next == nil {
		next = &keyTree{}
		t.below[path[0]] = next
	}
	next.add(path[1:])
}

// cut takes the keys out of a JSON object, and objects that are empty then.
func (t *keyTree) cut(object string) (string, error) {
	all, err := splitMembers(object)
	if err != nil {
		return "", err
	}
	left := all[:0]
	for _, m := range all {
		next := t.below[m.name]
		if next != nil && next.whole {
			continue
		}
		if next != nil && strings.HasPrefix(m.value, "{") {
			if m.value, err = next.cut(m.value); err != nil {
				return "", err
			}
			if m.value == "{}" {
				continue
			}
		}
		left = append(left, m)
	}
	return joinMembers(left), nil
}

// mergeObjects puts the members of one JSON object into another, where both
// have an object member by member.
func mergeObjects(into, add string) (string, error) {
	all, err := splitMembers(into)
	if err != nil {
		return "", err
	}
	more, err := splitMembers(add)
	if err != nil {
		return "", err
	}
	place := make(map[string]int, len(all))
	for i, m := range all {
		place[m.name] = i
	}
	for _, m := range more {
		i, ok := place[m.name]
		switch {
		case !ok:
			all = append(all, m)
		case strings.HasPrefix(all[i].value, "{") && strings.HasPrefix(m.value, "{"):
			if all[i].value, err = mergeObjects(all[i].value, m.value); err != nil {
				return "", err
			}
		default:
			all[i].value = m.value
		}
	}
	return joinMembers(all), nil
}

package history

import "strings"

// EscapeKey returns the key of a top-level name: '.' and '\' get a '\' before.
func EscapeKey(name string) string {
	if !strings.ContainsAny(name, `.\`) {
		return name
	}
	return string(AppendEscaped(nil, name))
}

// AppendEscaped appends one name of a key, escaped as by [EscapeKey].
func AppendEscaped[T string | []byte](dst []byte, name T) []byte {
	for i := range len(name) {
		if name[i] == '.' || name[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, name[i])
	}
	return dst
}

// JoinKey returns the key of nested names: each escaped, joined by dots, so
// {"a":{"b":1}} is a.b and {"a.b":1} is a\.b.
func JoinKey(path ...string) string {
	var b []byte
	for i, name := range path {
		if i > 0 {
			b = append(b, '.')
		}
		b = AppendEscaped(b, name)
	}
	return string(b)
}

// SplitKey returns the names that a key joins. A '\' before anything but '.'
// and '\' stands for itself, as in keys that people type.
func SplitKey(key string) []string {
	if !strings.ContainsAny(key, `.\`) {
		return []string{key}
	}
	var path []string
	var name []byte
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '.':
			path, name = append(path, string(name)), name[:0]
		case c == '\\' && i+1 < len(key) && (key[i+1] == '.' || key[i+1] == '\\'):
			i++
			name = append(name, key[i])
		default:
			name = append(name, c)
		}
	}
	return append(path, string(name))
}

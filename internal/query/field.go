package query

import (
	"strings"

	"github.com/agext/levenshtein"
	"github.com/ballast-ml/ballast"
)

// source says where a field's values come from.
type source uint8

const (
	fromRun     source = iota // a column of the run
	fromConfig                // a path in the run's config
	fromSummary               // a path in the run's summary
)

// field names one column of the run table.
type field struct {
	source source
	name   string   // of a run column
	path   []string // in config or summary
}

// String is the field's name as filters write it.
func (f field) String() string {
	switch f.source {
	case fromConfig:
		return "config." + joinPath(f.path)
	case fromSummary:
		return "summary_metrics." + joinPath(f.path)
	}
	return f.name
}

// The run's own columns that can be asked for, by what kind they hold.
var runColumns = map[string]kind{
	"name": text, "display_name": text, "state": text, "tags": list, "group": text, "job_type": text,
	"host": text, "program": text, "commit": text, "repo": text, "username": text, "sweep": text,
	"notes": text, "entity": text, "project": text,
	"created_at": moment, "updated_at": moment, "heartbeat_at": moment,
	"duration": number, "ordinal": number, "history_line_count": number, "exit_code": number, "gaps": number,
	"stop": boolean, "input_artifacts": list, "output_artifacts": list,
}

// Other names of run columns, in lower case and without underscores. PRODUCT
// 6.1 lists those of the old screens.
var columnAliases = map[string]string{
	"id": "name", "runid": "name", "displayname": "display_name", "display": "display_name",
	"tag": "tags", "jobtype": "job_type", "hostname": "host", "user": "username",
	"user.username": "username", "user.name": "username", "sweepname": "sweep", "description": "notes",
	"created": "created_at", "createdat": "created_at", "createdtimestamp": "created_at",
	"updated": "updated_at", "updatedat": "updated_at", "heartbeat": "heartbeat_at", "heartbeatat": "heartbeat_at",
	"runtime": "duration", "absoluteruntime": "duration", "relativetime(wall)": "duration",
	"historylinecount": "history_line_count", "steps": "history_line_count", "exitcode": "exit_code",
	"entityname": "entity", "projectname": "project", "stopped": "stop",
	"inputartifacts": "input_artifacts", "usingartifact": "input_artifacts",
	"outputartifacts": "output_artifacts", "outputtingartifact": "output_artifacts",
	"rungroup": "group", "groupname": "group", "step": "_step", "walltime": "_timestamp", "relativetime(process)": "_runtime",
}

// prefixes of paths into a run's documents.
var pathPrefixes = []struct {
	prefix string
	source source
}{
	{"config.", fromConfig},
	{"summary_metrics.", fromSummary}, {"summaryMetrics.", fromSummary}, {"summary.", fromSummary},
	// A key that was logged is in the summary, unless its metric was defined
	// with summary "none" (docs/design/013).
	{"keys_info.keys.", fromSummary},
}

// parseField reads a field's name. An unknown one is Invalid.
func parseField(name string) (field, error) {
	for _, p := range pathPrefixes {
		if rest, ok := strings.CutPrefix(name, p.prefix); ok {
			if rest == "" {
				return field{}, ballast.Errorf(ballast.Invalid, "field %q names no key", name)
			}
			return field{source: p.source, path: splitPath(rest)}, nil
		}
	}
	if name == "Name" { // the old screens call the shown name so, and the run's id ID
		return field{name: "display_name"}, nil
	}
	if tag, ok := strings.CutPrefix(name, "tags."); ok && tag != "" {
		return field{name: "tags", path: []string{tag}}, nil
	}
	if _, ok := runColumns[name]; ok {
		return field{name: name}, nil
	}
	plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if alias, ok := columnAliases[plain]; ok {
		name = alias
	} else if alias := strings.ToLower(name); runColumns[alias] != missing {
		name = alias
	}
	if _, ok := runColumns[name]; ok {
		return field{name: name}, nil
	}
	if strings.HasPrefix(name, "_") {
		return field{source: fromSummary, path: splitPath(name)}, nil
	}
	return field{}, ballast.Errorf(ballast.Invalid, "field %.80q is unknown; %q is the nearest. Metrics are summary_metrics.<key>, configuration is config.<key>", name, nearest(name))
}

// nearest returns the column whose name is most like name.
func nearest(name string) string {
	name = name[:min(len(name), 80)]
	best, at := -1.0, ""
	for c := range runColumns {
		if s := levenshtein.Similarity(name, c, nil); s > best || s == best && c < at {
			best, at = s, c
		}
	}
	return at
}

// splitPath cuts a dotted path; `\.` is a dot of the key itself.
func splitPath(s string) []string {
	if strings.IndexByte(s, '\\') < 0 {
		return strings.Split(s, ".")
	}
	var parts []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '.' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '.':
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(parts, b.String())
}

func joinPath(path []string) string {
	var b strings.Builder
	for i, p := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		if strings.ContainsAny(p, `.\`) {
			p = strings.NewReplacer(`\`, `\\`, ".", `\.`).Replace(p)
		}
		b.WriteString(p)
	}
	return b.String()
}

// resolve finds the value at a path of an object. Keys may themselves have
// dots: the nested reading is tried first.
func (v value) resolve(path []string) value {
	if len(path) == 0 {
		return v
	}
	switch v.kind {
	case object:
		for n := 1; n <= len(path); n++ {
			if m, ok := v.member(strings.Join(path[:n], ".")); ok {
				if r := m.resolve(path[n:]); r.kind != missing {
					return r
				}
			}
		}
	case list:
		return v.index(path)
	}
	return value{}
}

// index resolves a path whose first part is a place in a list.
func (v value) index(path []string) value {
	n := 0
	for _, c := range []byte(path[0]) {
		if c < '0' || c > '9' || n > len(v.list) {
			return value{}
		}
		n = n*10 + int(c-'0')
	}
	if path[0] == "" || n >= len(v.list) {
		return value{}
	}
	return v.list[n].resolve(path[1:])
}

// resolveConfig finds a path in one member of a config, {"value": v}. The
// "value" may be written or left out.
func resolveConfig(entry value, path []string) value {
	v, ok := entry.member("value")
	if !ok {
		return value{}
	}
	return resolveValue(v, path)
}

// resolveValue finds a path in the value of a member of a config.
func resolveValue(v value, path []string) value {
	if len(path) > 0 && path[0] == "value" {
		if r := v.resolve(path[1:]); r.kind != missing {
			return r
		}
	}
	return v.resolve(path)
}

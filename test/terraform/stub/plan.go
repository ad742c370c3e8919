package stub

import (
	"reflect"
	"strings"
)

// plan turns the proposed state into the planned one: what the provider will
// tell is unknown in something new, and stays as it was in something that is there.
func (p *Provider) plan(kind string, b block, prior, proposed map[string]any) map[string]any {
	if prior != nil && reflect.DeepEqual(prior, proposed) && !p.tagsChanged(prior, proposed, b) {
		return proposed
	}
	out := proposed
	if prior == nil {
		out = mark(b, proposed)
	}
	if _, ok := b.Attributes["tags_all"]; ok {
		out["tags_all"] = p.allTags(out["tags"])
	}
	if kind == "aws_launch_template" && prior != nil {
		out["latest_version"] = unknown{}
	}
	return out
}

func (p *Provider) tagsChanged(prior, proposed map[string]any, b block) bool {
	_, has := b.Attributes["tags_all"]
	return has && !reflect.DeepEqual(prior["tags_all"], p.allTags(proposed["tags"]))
}

// allTags are a resource's tags over the provider's default ones.
func (p *Provider) allTags(tags any) any {
	out := map[string]any{}
	for _, d := range blocks(p.config["default_tags"]) {
		m, _ := d["tags"].(map[string]any)
		for k, v := range m {
			out[k] = v
		}
	}
	if isUnknown(tags) {
		return tags
	}
	m, _ := tags.(map[string]any)
	for k, v := range m {
		out[k] = v
	}
	for _, v := range out {
		if isUnknown(v) {
			return v
		}
	}
	return out
}

// mark makes what is computed, and not given, unknown.
func mark(b block, v map[string]any) map[string]any {
	out := map[string]any{}
	for name, e := range v {
		out[name] = e
		if a, ok := b.Attributes[name]; ok && a.Computed && e == nil {
			out[name] = unknown{}
		}
		n, ok := b.Blocks[name]
		if !ok {
			continue
		}
		switch e := e.(type) {
		case map[string]any:
			out[name] = mark(n.Block, e)
		case []any:
			l := []any{}
			for _, one := range e {
				if m, ok := one.(map[string]any); ok {
					one = mark(n.Block, m)
				}
				l = append(l, one)
			}
			out[name] = l
		}
	}
	return out
}

// replaced names the attributes whose change makes the resource anew.
func (p *Provider) replaced(kind string, prior, planned map[string]any) []string {
	var out []string
	for _, path := range p.replacement[kind] {
		steps := strings.Split(path, ".")
		if !reflect.DeepEqual(collect(prior, steps), collect(planned, steps)) {
			out = append(out, steps[0])
		}
	}
	return out
}

// collect gathers what a path leads to, through lists of blocks.
func collect(v any, steps []string) any {
	if len(steps) == 0 {
		return v
	}
	if l, ok := v.([]any); ok {
		out := []any{}
		for _, e := range l {
			out = append(out, collect(e, steps))
		}
		return out
	}
	m, _ := v.(map[string]any)
	return collect(m[steps[0]], steps[1:])
}

// settle gives every unknown value the one that tell knows for its path, else
// something of its type.
func settle(b block, v map[string]any, tell map[string]any) map[string]any {
	out := map[string]any{}
	for name, e := range v {
		switch n, isBlock := b.Blocks[name]; {
		case isUnknown(e):
			out[name] = tell[name]
			if out[name] == nil {
				out[name] = something(b.Attributes[name], name)
			}
		case isBlock:
			out[name] = settleBlocks(n.Block, e, tell[name])
		default:
			out[name] = e
		}
	}
	return out
}

func settleBlocks(b block, v, tell any) any {
	known, _ := tell.(map[string]any)
	switch v := v.(type) {
	case map[string]any:
		return settle(b, v, known)
	case []any:
		out := []any{}
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				e = settle(b, m, known)
			}
			out = append(out, e)
		}
		return out
	}
	return v
}

// something is a plain value of an attribute's type.
func something(a attribute, name string) any {
	switch t := string(a.Type); {
	case t == `"string"` && strings.HasSuffix(name, "policy"):
		return ""
	case t == `"string"`:
		return name + "-told-by-aws"
	case t == `"number"`:
		return float64(0)
	case t == `"bool"`:
		return false
	case strings.HasPrefix(t, `["map"`):
		return map[string]any{}
	case strings.HasPrefix(t, `["list"`), strings.HasPrefix(t, `["set"`):
		return []any{}
	}
	return nil
}

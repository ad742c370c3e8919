package graph

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/ballast-ml/ballast"
)

// maxNesting is how deep JSON that clients store in a run may go.
const maxNesting = 512

// member is one member of a JSON object, its value as written.
type member struct {
	key   string
	value []byte
}

// splitObject returns the members of a JSON object in order, the last of each
// key. NaN, Infinity and -Infinity may stand for values, which is why the
// standard library cannot read it (PROTOCOL section 0.4).
func splitObject(field string, text []byte) ([]member, error) {
	s := scanner{text: text}
	members, ok := s.object()
	if s.blank(); !ok || s.at != len(text) {
		return nil, ballast.Errorf(ballast.Invalid, "%s is not a JSON object (byte %d)", field, s.at)
	}
	return members, nil
}

// joinObject is the JSON object of the members.
func joinObject(members []member) []byte {
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(m.key) // a string always has a JSON form
		b = append(append(append(b, key...), ':'), m.value...)
	}
	return append(b, '}')
}

func find(members []member, key string) []byte {
	for i := len(members) - 1; i >= 0; i-- {
		if members[i].key == key {
			return members[i].value
		}
	}
	return nil
}

// overlay returns the members of below with those of above in their place.
func overlay(below, above []member) []member {
	out := slices.Clone(below)
	for _, m := range above {
		if i := slices.IndexFunc(out, func(o member) bool { return o.key == m.key }); i >= 0 {
			out[i] = m
		} else {
			out = append(out, m)
		}
	}
	return out
}

// newConfig is the config of a run after a client sent one. The SDK sends the
// whole config each time, so the new one takes the place of the old one, and a
// deleted key is gone. It is laid over the old one when it is only a part: one
// that lacks "_wandb" where the run has it, or that of a process which knows
// only what it set itself (own): one of several of a shared run, or of a fork.
func newConfig(old, sent []byte, own bool) ([]byte, error) {
	above, err := splitObject("config", sent)
	if err != nil {
		return nil, err
	}
	below, err := splitObject("the stored config", orEmpty(old))
	if err != nil {
		below = nil
	}
	part := find(below, "_wandb") != nil && find(above, "_wandb") == nil
	if !part && !own {
		return joinObject(above), nil
	}
	out := overlay(below, above)
	if a, b := find(above, "_wandb"), find(below, "_wandb"); own && a != nil && b != nil {
		out = overlay(out, []member{{"_wandb", mergeWriters(b, a)}})
	}
	return joinObject(out), nil
}

// mergeWriters lays one process's "_wandb" over the stored one, keeping the
// environments "e" of the other processes and the metrics that they defined.
func mergeWriters(old, sent []byte) []byte {
	below, err1 := splitObject("", value(old))
	above, err2 := splitObject("", value(sent))
	if err1 != nil || err2 != nil {
		return sent
	}
	out := overlay(below, above)
	if a, b := find(above, "m"), find(below, "m"); a != nil && b != nil {
		out = overlay(out, []member{{"m", mergeMetrics(b, a)}})
	}
	e1, err1 := splitObject("", orEmpty(find(below, "e")))
	e2, err2 := splitObject("", orEmpty(find(above, "e")))
	if err1 == nil && err2 == nil && len(e1)+len(e2) > 0 {
		out = overlay(out, []member{{"e", joinObject(overlay(e1, e2))}})
	}
	return joinObject([]member{{"value", joinObject(out)}})
}

// started reports whether a config carries _wandb.t: a process really started
// the run (PROTOCOL section 2.2).
func started(config []byte) bool {
	return wandbMember(config, "t") != nil
}

// wandbMember is a member of the value of a config's "_wandb", nil when it is
// not there.
func wandbMember(config []byte, key string) []byte {
	members, err := splitObject("config", orEmpty(config))
	if err != nil {
		return nil
	}
	wandb, err := splitObject("_wandb", value(find(members, "_wandb")))
	if err != nil {
		return nil
	}
	return find(wandb, key)
}

// pickWandb is the value of "_wandb" cut to the keys, "{}" when there is none.
func pickWandb(config []byte, keys []string) string {
	members, err := splitObject("config", orEmpty(config))
	if err != nil {
		return "{}"
	}
	wandb, err := splitObject("_wandb", value(find(members, "_wandb")))
	if err != nil {
		return "{}"
	}
	picked := slices.DeleteFunc(wandb, func(m member) bool { return !slices.Contains(keys, m.key) })
	return string(joinObject(picked))
}

// splitValue returns the members of a config member's value, nil when it is no
// object.
func splitValue(wrapped []byte) []member {
	members, err := splitObject("", value(wrapped))
	if err != nil {
		return nil
	}
	return members
}

// value unwraps {"value":v} of a config's member; "{}" when it is none.
func value(wrapped []byte) []byte {
	members, err := splitObject("", orEmpty(wrapped))
	if err != nil {
		return []byte("{}")
	}
	return orEmpty(find(members, "value"))
}

func orEmpty(object []byte) []byte {
	if len(bytes.TrimSpace(object)) == 0 {
		return []byte("{}")
	}
	return object
}

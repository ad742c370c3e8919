package graph

import (
	"encoding/json"
	"slices"
	"strconv"
)

// A definition of define_metric as the config has it in _wandb.m: an object
// whose member "1" is a name or "2" a glob, and "5" the place of its step
// metric in the list, counted from 1 (PROTOCOL section 2.1).

// mergeMetrics lays one list of definitions over another: those of the same
// name are replaced, the others stay, and places are counted anew. A list that
// is none gives way to the other.
func mergeMetrics(below, above []byte) []byte {
	old, ok := readMetrics(below)
	if !ok {
		return above
	}
	sent, ok := readMetrics(above)
	if !ok {
		return below
	}
	place := make([]int, len(sent)) // of each sent one in the result
	for i, d := range sent {
		at := slices.IndexFunc(old, func(o map[string]json.RawMessage) bool { return sameMetric(o, d) })
		if at < 0 {
			at, old = len(old), append(old, nil)
		}
		place[i], old[at] = at, d
	}
	for _, d := range sent {
		if step, err := strconv.Atoi(string(d["5"])); err == nil && step >= 1 && step <= len(place) {
			d["5"] = strconv.AppendInt(nil, int64(place[step-1]+1), 10)
		}
	}
	merged, err := json.Marshal(old)
	if err != nil {
		return above
	}
	return merged
}

func readMetrics(list []byte) (all []map[string]json.RawMessage, ok bool) {
	return all, json.Unmarshal(list, &all) == nil
}

func sameMetric(a, b map[string]json.RawMessage) bool {
	return string(a["1"]) == string(b["1"]) && string(a["2"]) == string(b["2"])
}

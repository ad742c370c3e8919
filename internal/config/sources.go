package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"gopkg.in/yaml.v3"
)

// otherNames are BALLAST_ names that are no settings: of this package, of the
// Makefile and of the tests.
var otherNames = regexp.MustCompile(`^BALLAST_(WANDB_ENV|CACHE|BIN|PYTHON|PICTURES|SKIP|TEST_\w+|BENCH_\w+)$`)

// injected matches what Kubernetes puts into the environment of a pod beside
// a Service named ballast or ballast-something.
var injected = regexp.MustCompile(`^BALLAST_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

var injectedPort = regexp.MustCompile(`^(tcp|udp|sctp)://`)

// environment reads BALLAST_ names, and W&B Server's when asked to. An unknown
// BALLAST_ name is a mistake.
func (l *loader) environment(env []string) layer {
	values := map[string]found{}
	vars := map[string]string{}
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		vars[k] = v
	}
	known := map[string]string{}
	for _, s := range Table() {
		known[s.Env()] = s.Name
	}
	for _, k := range slices.Sorted(maps.Keys(vars)) {
		name, ok := known[k]
		switch {
		case ok && vars[k] != "":
			values[name] = found{vars[k], k}
		case ok, !strings.HasPrefix(k, "BALLAST_"), otherNames.MatchString(k), injected.MatchString(k):
		case strings.HasSuffix(k, "_PORT") && injectedPort.MatchString(vars[k]):
		default:
			l.wrong("%s: there is no such setting%s", k, nearest(k, slices.Collect(maps.Keys(known))))
		}
	}
	switch on := vars["BALLAST_WANDB_ENV"]; on {
	case "1":
		l.aliases(vars, values)
	case "", "0":
	default:
		l.wrong("BALLAST_WANDB_ENV: %q: it must be 1 or 0", on)
	}
	return layer{values}
}

// aliases adds what W&B Server's names say. Ballast's own name wins.
func (l *loader) aliases(vars map[string]string, values map[string]found) {
	for _, s := range Table() {
		if _, ok := values[s.Name]; ok {
			continue
		}
		for _, a := range s.Aliases {
			if v := vars[a]; v != "" {
				values[s.Name] = found{fromAlias(a, v), a}
				break
			}
		}
		if _, ok := values[s.Name]; ok && s.Ignored {
			l.cfg.Warnings = append(l.cfg.Warnings, values[s.Name].source+" is ignored: "+s.Help)
		}
	}
}

// fromAlias turns W&B Server's form of a value into ours: a session's length
// is in hours there.
func fromAlias(alias, v string) string {
	if strings.HasSuffix(alias, "SESSION_LENGTH") {
		if _, err := strconv.Atoi(v); err == nil {
			return v + "h"
		}
	}
	return v
}

// file reads the file that the setting config names, which may come from a
// flag or the environment only.
func (l *loader) file() layer {
	values := map[string]found{}
	var at found
	for _, layer := range l.layers {
		if f, ok := layer.values["config"]; ok {
			at = f
			break
		}
	}
	if at.text == "" {
		return layer{values}
	}
	body, err := os.ReadFile(at.text)
	if err != nil {
		l.wrong("config (%s): reading the file: %v", at.source, err)
		return layer{values}
	}
	var doc map[string]any
	if err := yaml.Unmarshal(body, &doc); err != nil {
		l.wrong("config (%s): %s is no YAML with a setting on each line: %s", at.source, at.text, yamlFault(err))
		return layer{values}
	}
	source := "file " + filepath.Base(at.text)
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if _, ok := lookup(name); !ok || name == "config" {
			l.wrong("%s (%s): there is no such setting%s", name, source, nearest(name, names()))
			continue
		}
		text, err := fileText(doc[name])
		if err != nil {
			l.wrong("%s (%s): %v", name, source, err)
			continue
		}
		values[name] = found{text, source}
	}
	return layer{values}
}

// yamlFault is where the file is wrong, without what it says there: that may
// be a secret.
func yamlFault(err error) string {
	if m := regexp.MustCompile(`line \d+`).FindString(err.Error()); m != "" {
		return m
	}
	return "it cannot be read"
}

// fileText is a value of the file as text: lists are joined by commas.
func fileText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool, int, int64, uint64, float64:
		return fmt.Sprint(v), nil
	case []any:
		var parts []string
		for _, e := range v {
			s, err := fileText(e)
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, ","), nil
	default:
		return "", fmt.Errorf("the value must be a text, a number or a list")
	}
}

func names() []string {
	var all []string
	for _, s := range Table() {
		all = append(all, s.Name)
	}
	return all
}

// nearest is Nearest for settings, which "ballast config" lists.
func nearest(name string, known []string) string {
	if hint := Nearest(name, known); hint != "" {
		return hint
	}
	return "; ballast config prints those there are"
}

// Nearest names the known name that looks most like what was written, as
// "; did you mean data?", "" when none does.
func Nearest(name string, known []string) string {
	best, least := "", 1<<30
	slices.Sort(known)
	for _, k := range known {
		if d := levenshtein.Distance(name, k, nil); d < least {
			best, least = k, d
		}
	}
	if least > max(2, len(name)/3) {
		return ""
	}
	return "; did you mean " + best + "?"
}

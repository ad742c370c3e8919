// Package config holds every setting once: its name, where it may come from,
// its type, default and help. It turns them into typed values; the rooms get
// those values and never see this package.
//
// A setting comes from the first of: flag, environment (BALLAST_NAME; also
// the names of W&B Server when BALLAST_WANDB_ENV=1), file (--config, YAML),
// system settings (the database), default. A value file:PATH is read from
// that file, but never one of the system settings. What is wrong is reported all at once, and a server whose
// settings are wrong does not start.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Config is the settings as typed values.
type Config struct {
	Data            string // folder of everything that is kept
	Listen          string // host:port
	URL             string // external, absolute, without a slash at the end; "" when it follows from the port taken
	Database        string // MySQL DSN; "" for SQLite in Data
	SecretKeys      []SecretKey
	Buckets         []string // s3://…, or Folder: the first takes new objects; none: the folder in Data
	BucketRegion    string
	BucketKMSKey    string
	BucketQueue     string // sqs://…; "" for none
	Queue           string // of jobs, sqs://…; "" for none
	Redis           string // URL; "" for none
	Migrate         bool
	LogLevel        slog.Level
	LogJSON         bool
	MemoryLimit     int64 // bytes, 0 none
	IngestInflight  int64 // bytes
	BodyLimit       int64 // bytes
	RateLimit       float64
	RateBurst       int
	CrashAfter      time.Duration
	Undelete        time.Duration
	MergeRate       int64 // bytes a second
	SessionLifetime time.Duration
	RevertAfter     time.Duration
	Jobs            bool
	DrainDelay      time.Duration
	CacheBytes      int64
	MetricsToken    string
	Frames          []string // origins that may show the screens in a frame
	OIDC            []OIDC   // identity providers, that of oidc-issuer first
	// PasswordsForAdmins says that only admins of the instance may sign in by password.
	PasswordsForAdmins bool

	oidc oneProvider // of the settings oidc-…

	Values   []Value  // every setting, in the order of the table
	Warnings []string // what was given and has no effect

	sources Sources
}

// Value is a setting as it was found.
type Value struct {
	Setting
	Text   string // as given; a file: value as resolved
	given  string // as given
	Source string // "flag --data", "BALLAST_DATA", "file ballast.yaml", "system settings", "default"
}

// Given reports whether somebody gave a setting a value.
func (c *Config) Given(name string) bool {
	return slices.ContainsFunc(c.Values, func(v Value) bool { return v.Name == name && v.Text != "" })
}

// Read returns a setting's text as it is now: the file that a file: value names
// is read again.
func (c *Config) Read(name string) (string, error) {
	i := slices.IndexFunc(c.Values, func(v Value) bool { return v.Name == name })
	if i < 0 || c.Values[i].given == "" {
		return "", nil
	}
	if c.Values[i].Source == SystemSource {
		return c.Values[i].Text, nil
	}
	text, err := resolve(c.Values[i].given)
	if err != nil {
		return "", fmt.Errorf("setting %s: %w", name, err)
	}
	return text, nil
}

// Shown is the value for eyes and logs: secrets are masked.
func (v Value) Shown() string {
	if v.Secret && v.Text != "" {
		return Mask
	}
	return v.Text
}

// Sources are where settings come from.
type Sources struct {
	// Flags are the flags given, by setting name.
	Flags map[string]string
	// Env is the environment, as os.Environ returns it.
	Env []string
	// System are the system settings, by name: those of the table that may be
	// changed while the server runs (see [Sections]); nil when there are none.
	System map[string]string
}

// Mistakes is everything that is wrong with the settings.
type Mistakes []string

func (m Mistakes) Error() string {
	if len(m) == 1 {
		return "settings: " + m[0]
	}
	return fmt.Sprintf("settings: %d mistakes:\n  %s", len(m), strings.Join(m, "\n  "))
}

// loader collects values and mistakes.
type loader struct {
	cfg      *Config
	layers   []layer
	mistakes Mistakes
}

// layer is one source: what it says of each setting, by name.
type layer struct {
	values map[string]found
}

type found struct{ text, source string }

func (l *loader) wrong(format string, args ...any) {
	l.mistakes = append(l.mistakes, fmt.Sprintf(format, args...))
}

// Load reads the settings. The error is of type [Mistakes] and names the
// settings, never the values of secret ones; the Config is returned beside it,
// as far as it could be read, for a command that shows it.
func Load(src Sources) (*Config, error) {
	l := &loader{cfg: &Config{sources: src}}
	env := l.environment(src.Env)
	l.layers = []layer{l.flags(src.Flags), env}
	l.layers = append(l.layers, l.file(), l.system(src.System))
	for _, s := range Table() {
		v := l.value(s)
		l.cfg.Values = append(l.cfg.Values, v)
		l.take(v)
	}
	l.together()
	if len(l.mistakes) > 0 {
		return l.cfg, l.mistakes
	}
	return l.cfg, nil
}

// take checks a value and puts it into the Config.
func (l *loader) take(v Value) {
	if v.Planned != "" {
		if v.Text != v.Default {
			l.wrong("%s (%s): %s is not supported yet, and starting without it could leave the server less safe than you mean; remove it", v.Name, v.Source, v.Planned)
		}
		return
	}
	if v.Text == "" && v.Default != "" {
		l.wrong("%s (%s): the value is empty", v.Name, v.Source)
		return
	}
	if err := v.set(l.cfg, v.Text); err != nil {
		if v.Secret {
			l.wrong("%s (%s): %v", v.Name, v.Source, err)
		} else {
			l.wrong("%s (%s): %q: %v", v.Name, v.Source, v.Text, err)
		}
	}
}

// together fills in what depends on other settings.
func (l *loader) together() {
	if l.cfg.URL == "" {
		l.cfg.URL = DefaultURL(l.cfg.Listen)
	}
	l.providers()
}

func (l *loader) value(s Setting) Value {
	for _, layer := range l.layers {
		f, ok := layer.values[s.Name]
		if !ok {
			continue
		}
		if f.source == SystemSource { // people in a browser name no files of this machine
			return Value{Setting: s, Text: f.text, given: f.text, Source: f.source}
		}
		text, err := resolve(f.text)
		if err != nil {
			l.wrong("%s (%s): %v", s.Name, f.source, err)
			return Value{Setting: s, Text: s.Default, Source: f.source}
		}
		return Value{Setting: s, Text: text, given: f.text, Source: f.source}
	}
	return Value{Setting: s, Text: s.Default, Source: "default"}
}

// places are how a value begins that names where the value is.
var places = []string{"file:", "secretsmanager:"}

// NamesPlace reports whether a value, or an element of a list, names the place
// where the value is. Only who starts the process may write such a value.
func NamesPlace(text string) bool {
	elements := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	return slices.ContainsFunc(elements, func(one string) bool {
		return slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(one, p) })
	})
}

// resolve reads a value that names the place where the value is.
func resolve(text string) (string, error) {
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		body, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("reading the file that it names: %w", err)
		}
		return strings.TrimSpace(string(body)), nil
	}
	if strings.HasPrefix(text, "secretsmanager:") {
		return "", errors.New("secretsmanager: is not supported yet; use file:PATH")
	}
	return text, nil
}

func (l *loader) flags(flags map[string]string) layer {
	values := map[string]found{}
	for name, text := range flags {
		values[name] = found{text, "flag --" + name}
	}
	return layer{values}
}

func (l *loader) system(all map[string]string) layer {
	values := map[string]found{}
	for name, text := range all {
		values[name] = found{text, SystemSource}
	}
	return layer{values}
}

// lookup finds a setting of the table.
func lookup(name string) (Setting, bool) {
	table := Table()
	i := slices.IndexFunc(table, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return table[i], true
}

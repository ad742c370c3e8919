package config

import (
	"regexp"
	"slices"
	"strings"
)

// SystemSource is the source of a value that was set on /system-admin.
const SystemSource = "system settings"

// Section is a part of the page /system-admin.
type Section struct {
	Name, Title string
	Settings    []string // by name, in their order; those of planned features are not shown
}

// Sections are the settings that may be changed while the server runs.
func Sections() []Section {
	return []Section{
		{"storage", "File storage", []string{"bucket", "bucket-region", "bucket-queue", "bucket-kms-key"}},
		{"host", "Host", []string{"url", "frame-ancestors", "session-lifetime"}},
		{"redis", "Redis", []string{"redis", "cache-bytes"}},
		{"mail", "Mail", []string{"smtp", "email-from"}},
		{"limits", "Limits", []string{"rate-limit", "body-limit", "ingest-inflight-bytes", "merge-rate"}},
		{"retention", "Retention", []string{"undelete-window", "crash-after"}},
	}
}

// Changeable reports whether a setting may be changed while the server runs.
func Changeable(name string) bool {
	s, ok := lookup(name)
	return ok && s.Planned == "" && slices.ContainsFunc(Sections(), func(part Section) bool { return slices.Contains(part.Settings, name) })
}

// With returns the settings with other system settings under flags,
// environment and file. The error is of type [Mistakes].
func (c *Config) With(system map[string]string) (*Config, error) {
	src := c.sources
	src.System = system
	next, err := Load(src)
	if !next.Given("url") {
		next.URL = c.URL // it follows from the port taken
	}
	next.Migrate = c.Migrate
	return next, err
}

// Value returns a setting as it was found.
func (c *Config) Value(name string) (Value, bool) {
	i := slices.IndexFunc(c.Values, func(v Value) bool { return v.Name == name })
	if i < 0 {
		return Value{}, false
	}
	return c.Values[i], true
}

// Mask is what stands for a secret.
const Mask = "********"

// An address of a known kind; the password in one, and in a DSN of MySQL, which
// goes to the last @, whatever it is made of.
var (
	isURL = regexp.MustCompile(`^(?:s3|rediss?|mysql)://`)
	inURL = regexp.MustCompile(`(?s)^((?:s3|rediss?|mysql)://[^:/@]*):.*@`)
	inDSN = regexp.MustCompile(`(?s)^([^:@/]*):.*@`)
)

// addresses are the secret settings of which only a password is secret.
var addresses = []string{"bucket", "database", "redis"}

// Redacted is the value with the secrets in it masked: of an address its
// password, of another secret all.
func (v Value) Redacted() string {
	switch {
	case !v.Secret:
		return v.Text
	case !slices.Contains(addresses, v.Name):
		return v.Shown()
	case v.Name == "bucket": // the only list: elsewhere a comma may be a password's
		parts := strings.Split(v.Text, ",")
		for i, one := range parts {
			if parts[i] = redactAddress(strings.TrimSpace(one)); parts[i] == Mask {
				return Mask // what stands before it may be the rest of a password
			}
		}
		return strings.Join(parts, ",")
	}
	return redactAddress(v.Text)
}

// redactAddress masks the password of one address, and all of what is not
// understood: it may be a part of a password.
func redactAddress(text string) string {
	switch {
	case text == "" || text == Folder:
		return text
	case inURL.MatchString(text):
		return inURL.ReplaceAllString(text, "$1:"+Mask+"@")
	case isURL.MatchString(text) && !strings.Contains(text, "@"):
		return text
	case inDSN.MatchString(text) && !isURL.MatchString(text):
		return inDSN.ReplaceAllString(text, "$1:"+Mask+"@")
	}
	return Mask
}

package ballast

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest names, in characters.
const (
	MaxName    = 128  // of an entity, a project, a run id
	MaxDisplay = 512  // of a run's shown name
	MaxFile    = 1000 // of a run's file, in bytes
	maxEmail   = 320
)

// reserved are the first segments of addresses that are not entities
// (design/UI.md section 2), and the server's own routes.
var reserved = strings.Fields(`home login logout signup authorize invite setup settings registry orgs org
	system-admin admin console api graphql files storage artifacts artifactsv2 oidc sdk scim static assets
	shared healthz ready metrics debug traces service_redirect evaluations favicon.ico robots.txt analytics proxy`)

// CheckEntityName says what is wrong with a name for a person, a team or an
// organization.
func CheckEntityName(name string) error {
	for _, r := range reserved {
		if strings.EqualFold(r, name) {
			return Errorf(Invalid, "name %q is reserved for an address of the server", name)
		}
	}
	return CheckName("entity", name)
}

// CheckName says what is wrong with a name of an entity, a project or a run:
// it must be 1 to MaxName characters of UTF-8 without control characters,
// slashes, backslashes, '?', '#', '%' or ':', not start or end with a blank,
// and not be "." or "..".
func CheckName(field, name string) error {
	switch {
	case name == "":
		return Errorf(Invalid, "%s name is empty", field)
	case !utf8.ValidString(name):
		return Errorf(Invalid, "%s name is not UTF-8", field)
	case utf8.RuneCountInString(name) > MaxName:
		return Errorf(Invalid, "%s name has %d characters, at most %d are allowed", field, utf8.RuneCountInString(name), MaxName)
	case name == "." || name == "..":
		return Errorf(Invalid, "%s name %q is not allowed", field, name)
	case strings.TrimSpace(name) != name:
		return Errorf(Invalid, "%s name %q starts or ends with a blank", field, name)
	}
	for _, r := range name {
		if unicode.IsControl(r) || strings.ContainsRune(`/\?#%:`, r) {
			return Errorf(Invalid, "%s name %.140q contains %q, which is not allowed", field, name, r)
		}
	}
	return nil
}

// CheckEmail says what is wrong with a person's e-mail address. It does not
// ask whether anybody has it; an empty one is fine.
func CheckEmail(address string) error {
	name, host, ok := strings.Cut(address, "@")
	switch {
	case address == "":
		return nil
	case utf8.RuneCountInString(address) > maxEmail:
		return Errorf(Invalid, "the e-mail address has %d characters, at most %d are allowed", utf8.RuneCountInString(address), maxEmail)
	case !ok || name == "" || host == "" || strings.Contains(host, "@") || !utf8.ValidString(address) ||
		strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return Errorf(Invalid, "%.80q is no e-mail address: it must be as ada@example.com", address)
	}
	return nil
}

// CleanFileName returns the normal form of a run file's name: relative, with
// forward slashes, "./" and doubled slashes removed. It refuses "..", control
// characters, invalid UTF-8 and more than MaxFile bytes.
func CleanFileName(name string) (string, error) {
	switch {
	case !utf8.ValidString(name):
		return "", Errorf(Invalid, "file name is not UTF-8")
	case len(name) > MaxFile:
		return "", Errorf(Invalid, "file name has %d bytes, at most %d are allowed", len(name), MaxFile)
	case strings.HasPrefix(name, "/"):
		return "", Errorf(Invalid, "file name %.140q is absolute; it must be relative to the run", name)
	}
	var parts []string
	for _, p := range strings.Split(name, "/") {
		switch p {
		case "", ".":
			continue
		case "..":
			return "", Errorf(Invalid, "file name %.140q leaves the run's folder", name)
		}
		parts = append(parts, p)
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return "", Errorf(Invalid, "file name %.140q contains a control character", name)
		}
	}
	if len(parts) == 0 {
		return "", Errorf(Invalid, "file name %q is empty", name)
	}
	return strings.Join(parts, "/"), nil
}

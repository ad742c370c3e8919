package config

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// OIDC is an identity provider that people may sign in with.
type OIDC struct {
	Name         string   `yaml:"name"`  // in addresses
	Label        string   `yaml:"label"` // on the button
	Issuer       string   `yaml:"issuer"`
	ClientID     string   `yaml:"client-id"`
	ClientSecret string   `yaml:"client-secret"` // or file:PATH
	Scopes       []string `yaml:"scopes"`
	GroupsClaim  string   `yaml:"groups-claim"`
	// Groups gives roles by group: "team: role" of each.
	Groups      map[string]map[string]string `yaml:"groups"`
	AdminGroups []string                     `yaml:"admin-groups"`
	DryRun      bool                         `yaml:"groups-dry-run"`
	Provision   bool                         `yaml:"provision"`
	LinkByEmail bool                         `yaml:"link-by-email"`
}

// oneProvider is the provider of the settings oidc-….
type oneProvider struct {
	issuer, client, secret string
	scopes                 []string
	closed                 bool
}

var (
	providerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	roleNames    = []string{"viewer", "member", "admin"}
)

// parseProviders reads the list of providers. Its errors show no value: the
// text has secrets.
func parseProviders(text string) ([]OIDC, error) {
	if text == "" {
		return nil, nil
	}
	var all []OIDC
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("it must be a YAML list of providers with the fields of docs/sign-in.md: %s", yamlFault(err))
	}
	for i := range all {
		p := &all[i]
		if !providerName.MatchString(p.Name) {
			return nil, fmt.Errorf("provider %d: name: it must be 1 to 32 small letters, digits and dashes", i+1)
		}
		if slices.ContainsFunc(all[:i], func(o OIDC) bool { return o.Name == p.Name }) {
			return nil, fmt.Errorf("provider %s: the name is there twice", p.Name)
		}
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("provider %s: %w", p.Name, err)
		}
		secret, err := resolve(p.ClientSecret)
		if err != nil {
			return nil, fmt.Errorf("provider %s: client-secret: %w", p.Name, err)
		}
		p.ClientSecret = secret
	}
	return all, nil
}

func (p *OIDC) check() error {
	u, err := url.Parse(p.Issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("issuer: it must be the URL that the provider calls itself by, as https://id.example.com")
	case u.Scheme == "http" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
		return errors.New("issuer: it must be https:// unless it is on this machine")
	case p.ClientID == "":
		return errors.New("client-id: it is empty")
	}
	for group, grants := range p.Groups {
		for team, role := range grants {
			if !slices.Contains(roleNames, role) {
				return fmt.Errorf("groups: %s: %s: the role must be viewer, member or admin", group, team)
			}
		}
	}
	if p.Label == "" {
		p.Label = u.Host
	}
	return nil
}

// providers puts the provider of the settings oidc-… before those of the list.
func (l *loader) providers() {
	one := l.cfg.oidc
	if one.issuer == "" {
		if one.client != "" || one.secret != "" {
			l.wrong("oidc-issuer: it is empty, but oidc-client-id or oidc-secret is given")
		}
		return
	}
	p := OIDC{Name: "sso", Issuer: one.issuer, ClientID: one.client, ClientSecret: one.secret, Scopes: one.scopes, Provision: !one.closed}
	if err := p.check(); err != nil {
		l.wrong("oidc-%v", err)
	}
	if slices.ContainsFunc(l.cfg.OIDC, func(o OIDC) bool { return o.Name == p.Name }) {
		l.wrong("oidc-providers: the name sso is that of oidc-issuer")
	}
	l.cfg.OIDC = append([]OIDC{p}, l.cfg.OIDC...)
}

func checkAuthMethod(v string) error {
	if v != "pkce" {
		return errors.New("it must be pkce: the implicit flow shows tokens in addresses and is not offered")
	}
	return nil
}

func words(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
}

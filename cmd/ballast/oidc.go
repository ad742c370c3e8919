package main

import (
	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/oidc"
	"github.com/ballast-ml/ballast/internal/server"
)

// providers are the identity providers of the settings. None is asked anything
// before somebody signs in.
func providers(cfg *config.Config) []server.Provider {
	var all []server.Provider
	for _, p := range cfg.OIDC {
		client := oidc.New(oidc.Options{Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret,
			Redirect: cfg.URL + "/oidc/" + p.Name + "/callback", Scopes: p.Scopes, GroupsClaim: p.GroupsClaim})
		all = append(all, server.Provider{Name: p.Name, Label: p.Label, Client: client, Rules: rules(p)})
	}
	return all
}

func rules(p config.OIDC) auth.Rules {
	r := auth.Rules{Provision: p.Provision, LinkByEmail: p.LinkByEmail, Admins: p.AdminGroups, DryRun: p.DryRun, Groups: map[string][]ballast.Grant{}}
	for group, grants := range p.Groups {
		for team, role := range grants {
			r.Groups[group] = append(r.Groups[group], ballast.Grant{Team: team, Role: ballast.Role(role)})
		}
	}
	return r
}

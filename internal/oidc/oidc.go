// Package oidc signs people in with an OpenID Connect provider: the code flow
// with PKCE, state and nonce (RFC 6749, 7636, 9207, 9700 and OpenID Connect
// Core 1.0).
//
// The provider is asked when somebody signs in, never at the start: one that is
// down makes its own button fail, and nothing else.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"github.com/ballast-ml/ballast"
)

const (
	answerIn  = 10 * time.Second // for each request to the provider
	answerMax = 1 << 20          // bytes of each of its answers
	// known is how long what a provider says of itself is believed. Keys that
	// it signs with are asked for as soon as an unknown one is met.
	known = time.Hour
)

// Options say who the provider is and who we are there.
type Options struct {
	Name         string // in addresses: "corp"
	Issuer       string // exactly as the provider writes it
	ClientID     string
	ClientSecret string
	Redirect     string   // where it sends people back to
	Scopes       []string // beside openid, profile and email
	GroupsClaim  string   // "": groups
	Now          func() time.Time
}

// Provider is an identity provider. It is safe for concurrent use.
type Provider struct {
	o      Options
	client *http.Client

	asking singleflight.Group
	mu     sync.Mutex // of what follows
	found  *oidc.Provider
	until  time.Time
}

// New returns a provider without asking it anything.
func New(o Options) *Provider {
	if o.GroupsClaim == "" {
		o.GroupsClaim = "groups"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Provider{o: o, client: &http.Client{Timeout: answerIn, Transport: bounded{http.DefaultTransport}}}
}

// Flow is what one sign-in is recognized by. All are random.
type Flow struct {
	State, Nonce string
	Verifier     string // of PKCE
}

// Start returns the address that a browser is sent to. Unavailable when the
// provider does not answer.
func (p *Provider) Start(ctx context.Context, f Flow) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.config(found).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// Finish turns what the browser brought back into who it is. The state has been
// compared already. Unsigned: what came is not good, whatever the reason; Denied:
// the provider or the person refused; Unavailable: the provider does not answer.
func (p *Provider) Finish(ctx context.Context, f Flow, query url.Values) (ballast.Identity, error) {
	if iss := query.Get("iss"); iss != "" && iss != p.o.Issuer {
		return ballast.Identity{}, p.refused(errors.New("the answer names another issuer"))
	}
	if code := query.Get("error"); code != "" {
		return ballast.Identity{}, p.answered(code)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return ballast.Identity{}, err
	}
	token, err := p.config(found).Exchange(oidc.ClientContext(ctx, p.client), query.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return ballast.Identity{}, p.exchangeFault(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return ballast.Identity{}, p.refused(errors.New("the token endpoint gave no id_token"))
	}
	return p.identity(ctx, found, raw, f.Nonce)
}

// SignOut returns the address where a person ends the session at the provider
// too, and comes back from; "" when it has none or does not say now.
func (p *Provider) SignOut(ctx context.Context, back string) string {
	found, err := p.discover(ctx)
	if err != nil {
		return ""
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if found.Claims(&more) != nil {
		return ""
	}
	u, err := url.Parse(more.End)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.o.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// identity verifies an ID token (signature, issuer, audience, expiry, nonce,
// authorized party) and reads its claims.
func (p *Provider) identity(ctx context.Context, found *oidc.Provider, raw, nonce string) (ballast.Identity, error) {
	token, err := found.Verifier(&oidc.Config{ClientID: p.o.ClientID, Now: p.o.Now}).Verify(oidc.ClientContext(ctx, p.client), raw)
	if err != nil {
		return ballast.Identity{}, p.refused(err)
	}
	var claims struct {
		Party    string `json:"azp"`
		Email    string `json:"email"`
		Verified truth  `json:"email_verified"`
		Login    string `json:"preferred_username"`
		Name     string `json:"name"`
	}
	all := map[string]json.RawMessage{}
	if err := errors.Join(token.Claims(&claims), token.Claims(&all)); err != nil {
		return ballast.Identity{}, p.refused(fmt.Errorf("reading the claims: %w", err))
	}
	switch {
	case nonce == "" || token.Nonce != nonce:
		return ballast.Identity{}, p.refused(errors.New("the nonce is that of another sign-in"))
	case claims.Party != "" && claims.Party != p.o.ClientID, claims.Party == "" && len(token.Audience) > 1:
		return ballast.Identity{}, p.refused(errors.New("the token is for another party"))
	case token.Subject == "":
		return ballast.Identity{}, p.refused(errors.New("the token has no subject"))
	}
	list, said := groups(all[p.o.GroupsClaim])
	return ballast.Identity{Issuer: token.Issuer, Subject: token.Subject, Email: claims.Email, EmailVerified: bool(claims.Verified),
		Name: claims.Login, FullName: claims.Name, Groups: list, GroupsSaid: said}, nil
}

// groups reads a list of names; one name alone is a list too, null and an empty
// name are an empty one. A claim that is absent, or something else, says
// nothing: some providers leave a list out that is too long for a token.
func groups(raw json.RawMessage) (list []string, said bool) {
	if json.Unmarshal(raw, &list) == nil {
		return list, true
	}
	var one string
	if json.Unmarshal(raw, &one) != nil {
		return nil, false
	}
	if one == "" {
		return nil, true
	}
	return []string{one}, true
}

// truth is true also where a provider writes it as text.
type truth bool

func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// discover returns what the provider says of itself. All who come while it is
// asked wait for the same answer, at most answerIn: one that hangs makes no
// queue, and a browser that goes away takes the answer from nobody.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if found, fresh := p.believed(); fresh {
		return found, nil
	}
	answer := p.asking.DoChan("", func() (any, error) { return p.ask(context.WithoutCancel(ctx)) })
	select {
	case <-ctx.Done():
		return nil, ballast.Wrap(ballast.Unavailable, ctx.Err(), "waiting for the sign-in provider %s", p.o.Name)
	case a := <-answer:
		if a.Err != nil {
			return nil, a.Err
		}
		return a.Val.(*oidc.Provider), nil
	}
}

// believed returns what the provider said last, and whether it need not be
// asked again yet.
func (p *Provider) believed() (*oidc.Provider, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found, p.found != nil && p.o.Now().Before(p.until)
}

// ask asks it. When it does not answer, what it said before still counts.
func (p *Provider) ask(ctx context.Context) (*oidc.Provider, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.o.Issuer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && p.found == nil {
		return nil, ballast.Wrap(ballast.Unavailable, err, "the sign-in provider %s does not answer as %s should: try again, or sign in with a password", p.o.Name, p.o.Issuer)
	}
	if err == nil {
		p.found = found
	}
	p.until = p.o.Now().Add(known)
	return p.found, nil
}

func (p *Provider) config(found *oidc.Provider) *oauth2.Config {
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	for _, s := range p.o.Scopes {
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return &oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.o.Redirect, Scopes: scopes}
}

func (p *Provider) refused(cause error) error {
	return ballast.Wrap(ballast.Unsigned, cause, "what %s answered does not count: sign in again", p.o.Name)
}

// answered is the error for one that the provider sent with the browser. Its
// code is one of a few words; what else it wrote is not shown.
func (p *Provider) answered(code string) error {
	if code == "temporarily_unavailable" || code == "server_error" {
		return ballast.Errorf(ballast.Unavailable, "the sign-in provider %s has a fault of its own (%s): try again", p.o.Name, code)
	}
	return ballast.Errorf(ballast.Denied, "the sign-in provider %s refused: %.100q", p.o.Name, code)
}

// exchangeFault tells a provider that refuses a code from one that is down.
func (p *Provider) exchangeFault(err error) error {
	var told *oauth2.RetrieveError
	if errors.As(err, &told) && told.Response.StatusCode < 500 {
		return p.refused(fmt.Errorf("the token endpoint refused the code: %s", told.ErrorCode))
	}
	return ballast.Wrap(ballast.Unavailable, err, "the sign-in provider %s does not give tokens now: try again", p.o.Name)
}

// bounded keeps answers short.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	reply, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		reply.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(reply.Body, answerMax), reply.Body}
	}
	return reply, err
}

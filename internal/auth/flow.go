package auth

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
)

// forFlow is what the MAC of a sign-in under way is for.
const forFlow = "ballast sign-in by a provider"

// FlowLife is how long a person may take at the provider.
const FlowLife = 15 * time.Minute

// Flow is a sign-in under way at an identity provider. The browser keeps it in
// a cookie, so that any replica can finish it.
type Flow struct {
	Provider               string
	State, Nonce, Verifier string
	Next                   string // the path to go on to
	Expires                time.Time
}

// NewFlow begins a sign-in and returns the cookie's value too.
func (a *Auth) NewFlow(provider, next string) (Flow, string, error) {
	f := Flow{Provider: provider, State: newToken(), Nonce: newToken(), Verifier: newToken(), Next: next, Expires: a.now().Add(FlowLife)}
	body, err := json.Marshal(f)
	if err != nil {
		return f, "", err
	}
	mac := a.secrets[0].mac(forFlow, string(body))
	return f, encode(body) + "." + encode(mac[:]), nil
}

// OpenFlow returns the sign-in that a cookie holds, provided that it is ours,
// of that provider and state, and has not ended; else Unsigned.
func (a *Auth) OpenFlow(cookie, provider, state string) (Flow, error) {
	left, right, _ := strings.Cut(cookie, ".")
	body, err := base64.RawURLEncoding.DecodeString(left)
	mac, wrong := base64.RawURLEncoding.DecodeString(right)
	var f Flow
	if err != nil || wrong != nil || !a.matches(forFlow, string(body), mac) || json.Unmarshal(body, &f) != nil ||
		f.Provider != provider || f.State != state || !a.now().Before(f.Expires) {
		return Flow{}, ballast.Errorf(ballast.Unsigned, "this sign-in was not begun in this browser, took too long, or another one was begun since: sign in again")
	}
	return f, nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Package oidctest is an identity provider whose answers a test bends: what a
// real one never sends. Tests with a real one are in test/service.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Issuer is a provider with one client, "ballast" with the secret "not-a-secret".
// A code counts once, with the verifier whose challenge it was asked with.
type Issuer struct {
	URL string

	mu     sync.Mutex
	key    *rsa.PrivateKey
	kid    string
	codes  map[string]asked
	Claims map[string]any                    // beside those that each token has; a nil value takes one away
	Token  func(signed string) (sent string) // bends the token that is sent
	Down   bool
	End    string // end_session_endpoint, "": none
}

type asked struct{ nonce, challenge string }

// New starts an issuer that ends with the test.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{codes: map[string]asked{}, Claims: map[string]any{}}
	i.Rotate(t, "first")
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	m.HandleFunc("GET /keys", i.keys)
	m.HandleFunc("POST /token", i.token)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.down() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		m.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	i.URL = s.URL
	return i
}

func (i *Issuer) down() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Down
}

// Set changes the issuer while it serves.
func (i *Issuer) Set(change func(*Issuer)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(i)
}

// Rotate makes it sign with a new key.
func (i *Issuer) Rotate(t testing.TB, kid string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.Set(func(i *Issuer) { i.key, i.kid = key, kid })
}

// Login is what the person does there: it takes the address that a browser was
// sent to and returns the query that the browser brings back.
func (i *Issuer) Login(t testing.TB, to string) url.Values {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
		t.Fatalf("no code flow with PKCE: %s", to)
	}
	code := rand.Text()
	i.Set(func(i *Issuer) { i.codes[code] = asked{q.Get("nonce"), q.Get("code_challenge")} })
	return url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.URL}}
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}}
	if i.End != "" {
		out["end_session_endpoint"] = i.End
	}
	reply(w, out)
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: i.kid, Algorithm: "RS256", Use: "sig"}}})
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	a, ok := i.codes[r.FormValue("code")]
	delete(i.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != a.challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	now := time.Now()
	claims := map[string]any{"iss": i.URL, "aud": "ballast", "sub": "s1", "nonce": a.nonce, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "kim@example.com", "email_verified": true, "preferred_username": "kim", "name": "Kim Lee"}
	for k, v := range i.Claims {
		claims[k] = v
		if v == nil {
			delete(claims, k)
		}
	}
	signed, err := i.sign(claims)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if i.Token != nil {
		signed = i.Token(signed)
	}
	reply(w, map[string]any{"access_token": "x", "token_type": "bearer", "id_token": signed})
}

func (i *Issuer) sign(claims map[string]any) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.kid}}, nil)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

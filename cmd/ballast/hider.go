package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast/internal/config"
)

// hider masks the values of secret settings wherever they are: errors of
// drivers and old logs may have them.
type hider []string

// minHidden is the length of the shortest part of a secret that is masked on
// its own: shorter ones would mask words.
const minHidden = 6

var (
	inAddress = regexp.MustCompile(`(?s)^(?:[a-z0-9+.-]+://)?[^:/@]*:(.*)@`) // the password of an address or a DSN, up to the last @
	inLink    = regexp.MustCompile(`(token=)[\w.~-]+`)                       // one-time links in the log
)

func newHider(cfg *config.Config) hider {
	var h hider
	for _, v := range cfg.Values {
		if v.Secret {
			h.value(v)
		}
	}
	for _, p := range cfg.OIDC {
		h.add(p.ClientSecret)
	}
	if key, err := os.ReadFile(filepath.Join(cfg.Data, config.SecretFile)); err == nil {
		h.parts(string(key))
	}
	h.order()
	return h
}

// value adds a secret setting: whole, its parts when it is a list, and the
// passwords of addresses in it.
func (h *hider) value(v config.Value) {
	for _, text := range append(h.parts(v.Text), v.Text) {
		if m := inAddress.FindStringSubmatch(text); m != nil {
			h.add(m[1])
		}
	}
}

// parts adds a text and the elements of the list that it may be.
func (h *hider) parts(text string) []string {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })
	for _, part := range append(all, text) {
		h.add(part)
	}
	return all
}

// add adds a secret in the forms in which logs and errors may have it: as it is,
// without the escapes of an address, and quoted.
func (h *hider) add(secret string) {
	secret = strings.TrimSpace(secret)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	if plain, err := url.PathUnescape(secret); err == nil {
		forms = append(forms, plain)
	}
	for _, form := range slices.Clone(forms) {
		quoted := strconv.Quote(form)
		forms = append(forms, quoted[1:len(quoted)-1])
		if body, err := json.Marshal(form); err == nil {
			forms = append(forms, string(body[1:len(body)-1]))
		}
	}
	for _, form := range forms {
		if len(form) >= minHidden && !slices.Contains(*h, form) {
			*h = append(*h, form)
		}
	}
}

// order puts the whole before its parts.
func (h hider) order() {
	slices.SortFunc(h, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

func (h hider) text(s string) string {
	for _, secret := range h {
		s = strings.ReplaceAll(s, secret, config.Mask)
	}
	return inLink.ReplaceAllString(s, "${1}"+config.Mask)
}

// json is v as JSON, masked before it is written: what is written escapes some
// characters of a secret.
func (h hider) json(v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var plain any
	if err := d.Decode(&plain); err != nil {
		return "", err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err = e.Encode(h.strings(plain))
	return out.String(), err
}

// strings masks every text of a value of JSON.
func (h hider) strings(v any) any {
	switch v := v.(type) {
	case string:
		return h.text(v)
	case []any:
		for i := range v {
			v[i] = h.strings(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = h.strings(v[k])
		}
	}
	return v
}

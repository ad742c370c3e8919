package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Secret is one of the server's secret keys. Its id is public.
type Secret struct {
	ID     string // 1 to 16 characters
	Secret []byte
}

// What a MAC is for, so that one made for one purpose proves nothing for
// another.
const (
	forKey     = "ballast api key"
	forSession = "ballast session"
	forSetup   = "ballast set-up link"
	forRescue  = "ballast rescue link"
)

func (s Secret) mac(purpose, text string) (mac [32]byte) {
	h := hmac.New(sha256.New, s.Secret)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(text))
	h.Sum(mac[:0])
	return mac
}

// macs are the MACs under every secret, the signing one first.
func (a *Auth) macs(purpose, text string) [][32]byte {
	all := make([][32]byte, len(a.secrets))
	for i, s := range a.secrets {
		all[i] = s.mac(purpose, text)
	}
	return all
}

// matches reports whether mac is the text's under any secret.
func (a *Auth) matches(purpose, text string, mac []byte) bool {
	found := false
	for _, m := range a.macs(purpose, text) {
		if hmac.Equal(m[:], mac) {
			found = true
		}
	}
	return found
}

// newToken returns 256 random bits as text for a URL or a cookie.
func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

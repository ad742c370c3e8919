package system

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ballast-ml/ballast/internal/config"
)

// sealed begins a value that is encrypted: "sealed:KEY ID:base64(nonce, text)".
const sealed = "sealed:"

// seal encrypts a setting's value under the first of the server's secret keys
// (AES-256-GCM, a key derived for this purpose). The name is authenticated, so
// that a value cannot be put in another's place.
func seal(keys []config.SecretKey, name, text string) (string, error) {
	if len(keys) == 0 {
		return "", fmt.Errorf("sealing the setting %s: the server has no secret key", name)
	}
	box, err := cipherOf(keys[0])
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce)
	return sealed + keys[0].ID + ":" + base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(text), []byte(name))), nil
}

// unseal reads what seal wrote; any other text is returned as it is.
func unseal(keys []config.SecretKey, name, text string) (string, error) {
	rest, ok := strings.CutPrefix(text, sealed)
	if !ok {
		return text, nil
	}
	id, body, _ := strings.Cut(rest, ":")
	for _, k := range keys {
		if k.ID != id {
			continue
		}
		box, err := cipherOf(k)
		if err != nil {
			return "", err
		}
		raw, err := base64.RawStdEncoding.DecodeString(body)
		if err == nil && len(raw) > box.NonceSize() {
			raw, err = box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(name))
		} else if err == nil {
			err = fmt.Errorf("%d bytes are too few", len(raw))
		}
		if err != nil {
			return "", fmt.Errorf("unsealing the setting %s: the database holds something else than was stored: %w; set it again on /system-admin, or give it in the environment", name, err)
		}
		return string(raw), nil
	}
	return "", fmt.Errorf("the setting %s is sealed under the secret key %s, which is not here: restore that key, or give the setting in the environment", name, id)
}

func cipherOf(k config.SecretKey) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.Secret, nil, "ballast system settings", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of settings: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of settings: %w", err)
	}
	return cipher.NewGCM(block)
}

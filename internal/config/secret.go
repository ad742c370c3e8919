package config

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// SecretKey is a secret that API keys are stored under and URLs are signed
// with. Its id is public and follows from the secret.
type SecretKey struct {
	ID     string // 8 hexadecimal digits
	Secret []byte
}

// minSecret is the length of the shortest secret key, in characters.
const minSecret = 32

// SecretFile is the file in the data folder that the secret keys are in when
// the setting does not give them.
const SecretFile = "secret.key"

func newSecretKey(text string) SecretKey {
	sum := sha256.Sum256([]byte("ballast secret key id\x00" + text))
	return SecretKey{ID: hex.EncodeToString(sum[:4]), Secret: []byte(text)}
}

// parseSecretKeys reads keys separated by commas or line ends.
func parseSecretKeys(v string) ([]SecretKey, error) {
	var keys []SecretKey
	for i, text := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' || r == '\t' }) {
		if len(text) < minSecret {
			return nil, fmt.Errorf("key %d has %d characters, at least %d are needed; openssl rand -base64 32 makes a good one", i+1, len(text), minSecret)
		}
		k := newSecretKey(text)
		for _, other := range keys {
			if other.ID == k.ID {
				return nil, fmt.Errorf("key %d is there twice", i+1)
			}
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// ReadSecretFile reads the secret keys of a data folder; the error is
// fs.ErrNotExist when there is no file.
func ReadSecretFile(data string) ([]SecretKey, error) {
	path := filepath.Join(data, SecretFile)
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the secret key: %w", err)
	}
	keys, err := parseSecretKeys(string(body))
	if err == nil && len(keys) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("the secret key in %s: %w; restore it from the backup", path, err)
	}
	return keys, nil
}

// MakeSecretFile makes the secret key of a data folder, mode 0600, unless it
// is there, and returns what is there then. Two processes that do so at once
// get the same.
func MakeSecretFile(data string) ([]SecretKey, error) {
	keys, err := ReadSecretFile(data)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	tmp, err := os.CreateTemp(data, SecretFile+"-") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("making the secret key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = fmt.Fprintln(tmp, base64.RawURLEncoding.EncodeToString(secret))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("making the secret key: %w", err)
	}
	// A link fails when the name exists: the first process wins.
	if err := os.Link(tmp.Name(), filepath.Join(data, SecretFile)); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the secret key: %w", err)
	}
	if d, err := os.Open(data); err == nil {
		d.Sync()
		d.Close()
	}
	return ReadSecretFile(data)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/system"
)

// What is in a data folder, beside the secret key.
const (
	databaseFile = "ballast.db"
	objectFolder = "objects"
	lockFile     = "lock"
)

// makeData makes the data folder, open to its owner only.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w; give another with --data", err)
	}
	return nil
}

// lockData makes sure that one server uses the data folder. The lock ends with
// the process, however it ends; the file stays, see noteURL.
func lockData(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w; run as the user that owns the folder, or give another with --data", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("another ballast serves the data folder %s: stop it, or give another folder with --data", dir)
		}
		return nil, fmt.Errorf("locking the data folder %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}

// noteURL writes the server's address into the lock file, so that links which
// admin makes lead to it.
func noteURL(dir, url string) error {
	if err := os.WriteFile(filepath.Join(dir, lockFile), []byte(url+"\n"), 0o600); err != nil {
		return fmt.Errorf("noting the address in the data folder: %w", err)
	}
	return nil
}

// notedURL is the address that the last server on the folder had, "" when
// none is known.
func notedURL(dir string) string {
	body, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(body))
}

// databaseOptions says which database the settings mean.
func databaseOptions(cfg *config.Config, log *slog.Logger) meta.Options {
	o := meta.Options{Migrate: cfg.Migrate, Log: log}
	if cfg.Database != "" {
		o.MySQL = cfg.Database
		if cfg.Given("database-password") {
			o.Password = func(context.Context) (string, error) { return cfg.Read("database-password") }
		}
	} else {
		o.SQLite = filepath.Join(cfg.Data, databaseFile)
	}
	return o
}

// isEmpty reports whether the settings mean a SQLite store that does not exist
// yet.
func isEmpty(cfg *config.Config) bool {
	return cfg.Database == "" && !exists(filepath.Join(cfg.Data, databaseFile))
}

// secrets returns the secret keys: of the setting, or of the data folder, made
// now when there is none. A store whose API keys are under a secret that is
// gone must not silently get a new one: every key would stop working.
func secrets(ctx context.Context, cfg *config.Config, db *meta.DB) ([]config.SecretKey, error) {
	if len(cfg.SecretKeys) > 0 {
		return cfg.SecretKeys, nil
	}
	keys, err := knownSecrets(cfg)
	if err != nil || len(keys) > 0 {
		return keys, err
	}
	all, err := keysUnder(ctx, db)
	if err != nil {
		return nil, err
	}
	for id, n := range all {
		return nil, fmt.Errorf("the store has %s under the secret key %s, which is not here: restore %s from the backup, or give it as the setting secret-key; to give all keys, sessions and these settings up, put a new key of 32 characters or more into that file",
			n, id, filepath.Join(cfg.Data, config.SecretFile))
	}
	return config.MakeSecretFile(cfg.Data)
}

// knownSecrets returns the secret keys as far as there are any: it makes none.
func knownSecrets(cfg *config.Config) ([]config.SecretKey, error) {
	if len(cfg.SecretKeys) > 0 {
		return cfg.SecretKeys, nil
	}
	keys, err := config.ReadSecretFile(cfg.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return keys, err
}

// under is what depends on a secret key.
type under struct{ keys, settings int }

func (u under) String() string {
	switch {
	case u.settings == 0:
		return fmt.Sprintf("%d API keys", u.keys)
	case u.keys == 0:
		return fmt.Sprintf("%d settings of /system-admin", u.settings)
	}
	return fmt.Sprintf("%d API keys and %d settings of /system-admin", u.keys, u.settings)
}

// keysUnder counts what depends on each secret key, by its id.
func keysUnder(ctx context.Context, db *meta.DB) (map[string]under, error) {
	all := map[string]under{}
	err := db.Read(ctx, func(tx *meta.Tx) error {
		keys, err := tx.KeysUnder()
		for id, n := range keys {
			all[id] = under{keys: n}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	settings, err := system.Under(ctx, db)
	for id, n := range settings {
		all[id] = under{all[id].keys, n}
	}
	return all, err
}

// openSecret says that others may read the secret key of a data folder, ""
// when only its owner may.
func openSecret(data string) string {
	key := filepath.Join(data, config.SecretFile)
	st, err := os.Stat(key)
	if err != nil || st.Mode().Perm()&0o077 == 0 {
		return ""
	}
	return fmt.Sprintf("%s has mode %04o: who reads it can forge links and test stolen keys", key, st.Mode().Perm())
}

// lostKeys says which API keys in the store no secret key verifies, and which
// settings none opens.
func lostKeys(all map[string]under, keys []config.SecretKey) (lost []string) {
	for id, n := range all {
		if slices.ContainsFunc(keys, func(k config.SecretKey) bool { return k.ID == id }) {
			continue
		}
		if n.keys > 0 {
			lost = append(lost, fmt.Sprintf("%d API keys are stored under the secret key %s, which is not here: they are refused", n.keys, id))
		}
		if n.settings > 0 {
			lost = append(lost, fmt.Sprintf("%d settings of /system-admin are sealed under the secret key %s, which is not here: what the environment does not give instead keeps a server from starting", n.settings, id))
		}
	}
	return lost
}

// warnSecrets logs what a start goes on with, but nobody should.
func warnSecrets(ctx context.Context, cfg *config.Config, db *meta.DB, keys []config.SecretKey, log *slog.Logger) error {
	if open := openSecret(cfg.Data); open != "" {
		log.Warn(open + "; chmod 600 it")
	}
	all, err := keysUnder(ctx, db)
	for _, text := range lostKeys(all, keys) {
		log.Warn(text + "; add that key to secret-key after the one that signs, or restore it from the backup")
	}
	return err
}

func openAuth(db *meta.DB, cfg *config.Config, keys []config.SecretKey, log *slog.Logger) (*auth.Auth, error) {
	var all []auth.Secret
	for _, k := range keys {
		all = append(all, auth.Secret{ID: k.ID, Secret: k.Secret})
	}
	return auth.New(db, all, auth.Options{SessionLife: cfg.SessionLifetime, AdminsOnly: cfg.PasswordsForAdmins, Log: log})
}

// store is what "ballast admin" works on: the metadata store itself, beside a
// server that may be running.
type store struct {
	db     *meta.DB
	auth   *auth.Auth
	keys   []config.SecretKey
	system *system.System
	cfg    *config.Config // with what was set on /system-admin and is known to work
	unread error          // why cfg lacks that
}

// openStore opens the store for admin. create says whether one that does not
// exist is made.
func openStore(ctx context.Context, w world, cfg *config.Config, create bool) (*store, error) {
	if isEmpty(cfg) {
		if !create {
			return nil, fmt.Errorf("there is no store in %s: give the server's data folder with --data, or start \"ballast serve\" once", cfg.Data)
		}
		if err := makeData(cfg.Data); err != nil {
			return nil, err
		}
		fmt.Fprintf(w.Err, "ballast: made a new store in %s\n", cfg.Data)
	} else {
		cfg.Migrate = false // the server's to do
	}
	db, err := meta.Open(ctx, databaseOptions(cfg, nil))
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s := &store{db: db, cfg: cfg}
	if s.keys, err = secrets(ctx, cfg, db); err == nil {
		s.read(ctx)
		s.auth, err = openAuth(db, s.cfg, s.keys, nil)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// read adds what was set on /system-admin. When that cannot be read, commands
// that need none of it work all the same: they are what helps then.
func (s *store) read(ctx context.Context) {
	s.system = openSystem(s.db, s.cfg, s.keys)
	cfg, _, err := s.system.Proven(ctx)
	if err != nil {
		s.unread = fmt.Errorf("reading what was set on /system-admin: %w", err)
		return
	}
	s.cfg = cfg
}

// stores opens the places where objects are, as the server has them.
func (s *store) stores(ctx context.Context) (*stores, error) {
	if s.unread != nil {
		return nil, s.unread
	}
	return openStores(ctx, s.cfg, s.keys, s.db)
}

// openSystem opens the settings of /system-admin for a command beside a server.
func openSystem(db *meta.DB, cfg *config.Config, keys []config.SecretKey) *system.System {
	return system.New(db, cfg, system.Options{Keys: keys, Place: placeOf})
}

// address is the server's external URL: as set, or as the last server on the
// folder had it.
func (s *store) address() string {
	if !s.cfg.Given("url") {
		if url := notedURL(s.cfg.Data); url != "" {
			return url
		}
	}
	return s.cfg.URL
}

// setupURL is the address of the page that a one-time link leads to.
func setupURL(base, token string) string {
	return strings.TrimRight(base, "/") + "/setup?token=" + token
}

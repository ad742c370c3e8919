package system

import (
	"context"
	"strings"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
)

// sealedUnder is the id of the secret key that a value is sealed under, "" for
// one that is not sealed.
func sealedUnder(text string) string {
	rest, ok := strings.CutPrefix(text, sealed)
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, ":")
	return id
}

// Under counts the settings that are sealed under each secret key.
func Under(ctx context.Context, db *meta.DB) (map[string]int, error) {
	under := map[string]int{}
	all, err := heldOf(ctx, db)
	for _, h := range all {
		now, before := sealedUnder(h.Held), sealedUnder(h.Prior)
		if now != "" {
			under[now]++
		}
		if before != "" && before != now {
			under[before]++
		}
	}
	return under, err
}

func heldOf(ctx context.Context, db *meta.DB) (all []meta.HeldSetting, err error) {
	err = db.Read(ctx, func(tx *meta.Tx) (err error) {
		all, err = tx.HeldSettings()
		return err
	})
	return all, err
}

// Reseal seals anew, under the first of the secret keys, what is sealed under
// another, so that the others can be dropped once a server has started. What no
// key opens stays as it is.
func (s *System) Reseal(ctx context.Context) error {
	under, err := Under(ctx, s.db)
	if len(s.o.Keys) == 0 {
		return err
	}
	delete(under, s.o.Keys[0].ID)
	if err != nil || len(under) == 0 {
		return err
	}
	count := 0
	err = s.db.Write(ctx, "seal settings under the first secret key", func(tx *meta.Tx) error {
		count = 0
		all, err := tx.HeldSettings()
		for i := 0; err == nil && i < len(all); i++ {
			was := all[i]
			if all[i].Held, err = s.reseal(was.Name, was.Held); err == nil {
				all[i].Prior, err = s.reseal(was.Name, was.Prior)
			}
			if err == nil && all[i] != was {
				count++
				err = tx.HoldSetting(all[i])
			}
		}
		return err
	})
	if err == nil && count > 0 {
		s.o.Log.Info("settings are sealed under the first secret key now", "settings", count)
	}
	return err
}

func (s *System) reseal(name, text string) (string, error) {
	if id := sealedUnder(text); id == "" || id == s.o.Keys[0].ID {
		return text, nil
	}
	plain, err := unseal(s.o.Keys, name, text)
	if err != nil {
		return text, nil // who needs it says so
	}
	return seal(s.o.Keys, name, plain)
}

// Secrets returns the settings that are secret, as they are and as they were
// before what is on trial: what must not be shown. What no key opens is left out.
func (s *System) Secrets(ctx context.Context) (secret []config.Value, err error) {
	all, err := heldOf(ctx, s.db)
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		v, ok := s.base.Value(h.Name)
		if !ok || !v.Secret {
			continue
		}
		for _, text := range []string{h.Held, h.Prior} {
			if v.Text, err = unseal(s.o.Keys, h.Name, text); err == nil && v.Text != "" {
				secret = append(secret, v)
			}
		}
	}
	return secret, nil
}

package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownKey is a key as scripts see one; the secret only when it was just made.
type shownKey struct {
	Secret   string     `json:"key,omitempty"`
	ID       int64      `json:"id"`
	Name     string     `json:"name"`
	User     string     `json:"user"`
	Hint     string     `json:"hint"`
	State    string     `json:"state"` // active, expired, revoked
	Created  *time.Time `json:"created"`
	Expires  *time.Time `json:"expires"`
	LastUsed *time.Time `json:"lastUsed"`
}

func showKey(k ballast.Key, user, secret string) shownKey {
	state := "active"
	switch {
	case !k.Revoked.IsZero():
		state = "revoked"
	case !k.Expires.IsZero() && !time.Now().Before(k.Expires):
		state = "expired"
	}
	return shownKey{secret, k.ID, k.Name, user, k.Hint, state, stamp(k.Created), stamp(k.Expires), stamp(k.LastUsed)}
}

func (a *admin) keys() *cobra.Command {
	return group("key", "API keys: create, import, list, revoke", a.keyCreate(), a.keyImport(), a.keyList(), a.keyRename(), a.keyRevoke())
}

// keyOptions are the flags of a new key.
type keyOptions struct{ user, name, expires string }

func (o *keyOptions) add(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&o.user, "user", "", "whose key it is: a user or a service account")
	cmd.Flags().StringVar(&o.name, "name", "", "what the key is called")
	cmd.Flags().StringVar(&o.expires, "expires", "", "when it ends, from now: 90d, 12h, 30m; never when empty")
	cmd.MarkFlagRequired("user")
	return cmd
}

// resolve finds the user and the time that the flags mean.
func (o *keyOptions) resolve(ctx context.Context, s *store) (u ballast.User, expires time.Time, err error) {
	if expires, err = parseLife(o.expires, time.Now()); err != nil {
		return u, expires, err
	}
	err = s.db.Read(ctx, func(tx *meta.Tx) error {
		u, err = userOf(tx, o.user)
		return err
	})
	return u, expires, err
}

func (a *admin) keyCreate() *cobra.Command {
	var o keyOptions
	return o.add(a.command("create", "Make a key and print it, this once", 0, func(ctx context.Context, s *store, _ []string) error {
		u, expires, err := o.resolve(ctx, s)
		if err != nil {
			return err
		}
		secret, k, err := s.auth.NewKey(ctx, u.ID, o.name, expires)
		if err != nil {
			return err
		}
		if !a.asJSON {
			fmt.Fprintf(a.w.Err, "ballast: key %q of %s, id %d; it cannot be shown again:\n", k.Name, u.Name, k.ID)
		}
		return a.say(showKey(k, u.Name, secret), "%s", secret)
	}))
}

func (a *admin) keyImport() *cobra.Command {
	var o keyOptions
	cmd := o.add(a.command("import", "Accept a key that a person has, given on standard input", 0, func(ctx context.Context, s *store, _ []string) error {
		u, expires, err := o.resolve(ctx, s)
		if err != nil {
			return err
		}
		secret, err := a.secretInput("key")
		if err != nil {
			return err
		}
		k, err := s.auth.ImportKey(ctx, u.ID, o.name, secret, expires)
		if err != nil {
			return err
		}
		return a.say(showKey(k, u.Name, ""), "key %q, which ends in %s, is now a key of %s (id %d)", k.Name, k.Hint, u.Name, k.ID)
	}))
	cmd.Long = "Accepts a key that a person has, given on standard input, so that no script has to change:\n\n  ballast admin --data DIR key import --user NAME < key.txt\n\nAny shape that the wandb SDK accepts is taken. It is never a flag, which other users of the machine could see."
	return cmd
}

func (a *admin) keyList() *cobra.Command {
	var user string
	cmd := a.command("list", "List keys, never the secrets", 0, func(ctx context.Context, s *store, _ []string) error {
		values, rows := []shownKey{}, [][]string{}
		err := s.db.Read(ctx, func(tx *meta.Tx) error {
			return eachUser(tx, user, func(u ballast.User) error {
				keys, err := tx.Keys(u.ID)
				for _, k := range keys {
					v := showKey(k, u.Name, "")
					values = append(values, v)
					rows = append(rows, []string{strconv.FormatInt(k.ID, 10), u.Name, k.Name, "…" + k.Hint, v.State, when(k.Expires), when(k.LastUsed)})
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		return a.table(values, "ID USER NAME KEY STATE EXPIRES USED", rows)
	})
	cmd.Flags().StringVar(&user, "user", "", "only this user's")
	return cmd
}

// eachUser calls fn for one user, or for all when name is empty.
func eachUser(tx *meta.Tx, name string, fn func(ballast.User) error) error {
	if name != "" {
		u, err := userOf(tx, name)
		if err != nil {
			return err
		}
		return fn(u)
	}
	for after := int64(0); ; {
		page, err := tx.Users("", after, 1000)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, u := range page {
			if err := fn(u); err != nil {
				return err
			}
			after = u.ID
		}
	}
}

func (a *admin) keyRename() *cobra.Command {
	return a.command("rename ID NAME", "Call a key something else", 2, func(ctx context.Context, s *store, args []string) error {
		return a.changeKey(ctx, s, args[0], "renamed", func(tx *meta.Tx, k ballast.Key) error { return tx.SetKeyName(k.ID, args[1]) })
	})
}

func (a *admin) keyRevoke() *cobra.Command {
	return a.command("revoke ID", "End a key; it stops within five seconds", 1, func(ctx context.Context, s *store, args []string) error {
		return a.changeKey(ctx, s, args[0], "revoked", func(tx *meta.Tx, k ballast.Key) error { return tx.RevokeKey(k.ID, time.Now()) })
	})
}

func (a *admin) changeKey(ctx context.Context, s *store, text, done string, change func(*meta.Tx, ballast.Key) error) error {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("key %q: give the id that \"ballast admin key list\" prints", text)
	}
	var k ballast.Key
	var u ballast.User
	err = s.db.Write(ctx, "change key "+text, func(tx *meta.Tx) (err error) {
		if k, err = tx.Key(id); err != nil {
			return err
		}
		if err := change(tx, k); err != nil {
			return err
		}
		if k, err = tx.Key(id); err != nil {
			return err
		}
		u, err = tx.User(k.UserID)
		return err
	})
	if err != nil {
		return err
	}
	return a.say(showKey(k, u.Name, ""), "key %q of %s, which ends in %s, is %s", k.Name, u.Name, k.Hint, done)
}

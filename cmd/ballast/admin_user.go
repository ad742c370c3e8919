package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownUser is a user as scripts see one.
type shownUser struct {
	Name     string     `json:"name"`
	Email    string     `json:"email"`
	Proven   bool       `json:"emailProven"`
	FullName string     `json:"fullName"`
	Admin    bool       `json:"admin"`
	Disabled bool       `json:"disabled"`
	Service  bool       `json:"service"`
	Password bool       `json:"password"`
	Created  *time.Time `json:"created"`
	LastSeen *time.Time `json:"lastSeen"`
}

func showUser(u ballast.User) shownUser {
	return shownUser{u.Name, u.Email, u.EmailProven, u.FullName, u.Admin, u.Disabled, u.Service, u.HasPassword, stamp(u.Created), stamp(u.LastSeen)}
}

func (a *admin) users() *cobra.Command {
	return group("user", "People: create, list, change, disable, delete",
		a.userCreate(), a.userList(), a.userChange(), a.userReset(),
		a.userDo("disable NAME", "Lock a user out; keys and sessions stop within five seconds", "disabled", func(tx *meta.Tx, u ballast.User) error { return tx.SetUserDisabled(u.ID, true) }),
		a.userDo("enable NAME", "Let a user in again", "enabled", func(tx *meta.Tx, u ballast.User) error { return tx.SetUserDisabled(u.ID, false) }),
		a.userDo("promote NAME", "Make a user an admin of the instance", "now an admin of the instance", func(tx *meta.Tx, u ballast.User) error { return tx.SetUserAdmin(u.ID, true) }),
		a.userDo("demote NAME", "Take the instance's administration from a user", "no admin of the instance any more", func(tx *meta.Tx, u ballast.User) error { return tx.SetUserAdmin(u.ID, false) }),
		a.userDo("delete NAME", "Delete a user with keys, sessions and own projects", "deleted", func(tx *meta.Tx, u ballast.User) error { return tx.DeleteUser(u.ID) }))
}

func (a *admin) userCreate() *cobra.Command {
	var u ballast.User
	var stdin bool
	cmd := a.command("create NAME", "Create a user", 1, func(ctx context.Context, s *store, args []string) error {
		u.Name, u.EmailProven = args[0], true // an admin says so
		hash := ""
		if stdin {
			password, err := a.secretInput("password")
			if err != nil {
				return err
			}
			if hash, err = s.auth.Hash(ctx, password); err != nil {
				return err
			}
		}
		var made ballast.User
		admins := 0
		err := s.db.Write(ctx, "create user "+u.Name, func(tx *meta.Tx) (err error) {
			if made, err = tx.CreateUser(u, hash); err != nil {
				return err
			}
			admins, err = tx.CountAdmins()
			return err
		})
		if err != nil {
			return err
		}
		if admins == 0 {
			fmt.Fprintf(a.w.Err, "ballast: nobody is an admin of this instance yet: ballast admin user promote NAME\n")
		}
		return a.say(showUser(made), "user %s created", made.Name)
	})
	cmd.Flags().StringVar(&u.Email, "email", "", "e-mail address")
	cmd.Flags().StringVar(&u.FullName, "full-name", "", "name to show")
	cmd.Flags().BoolVar(&u.Admin, "admin", false, "make the user an admin of the instance")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input; without one the user can be let in by \"user reset\"")
	cmd.MarkFlagRequired("email")
	return cmd
}

func (a *admin) userList() *cobra.Command {
	return a.command("list", "List users and service accounts", 0, func(ctx context.Context, s *store, _ []string) error {
		values, rows := []shownUser{}, [][]string{}
		err := s.db.Read(ctx, func(tx *meta.Tx) error {
			for after := int64(0); ; {
				page, err := tx.Users("", after, 1000)
				if err != nil || len(page) == 0 {
					return err
				}
				for _, u := range page {
					values = append(values, showUser(u))
					rows = append(rows, []string{u.Name, u.Email, yes(u.Admin), yes(u.Disabled), yes(u.Service), when(u.LastSeen)})
					after = u.ID
				}
			}
		})
		if err != nil {
			return err
		}
		return a.table(values, "NAME EMAIL ADMIN DISABLED SERVICE SEEN", rows)
	})
}

// userDo is a command that does one thing to one user.
func (a *admin) userDo(use, short, done string, do func(*meta.Tx, ballast.User) error) *cobra.Command {
	return a.command(use, short, 1, func(ctx context.Context, s *store, args []string) error {
		var u ballast.User
		err := s.db.Write(ctx, "change user "+args[0], func(tx *meta.Tx) (err error) {
			if u, err = userOf(tx, args[0]); err != nil {
				return err
			}
			if err := do(tx, u); err != nil {
				return err
			}
			if now, err := tx.User(u.ID); err == nil { // a deleted one is shown as it was
				u = now
			}
			return nil
		})
		if err != nil {
			return err
		}
		return a.say(showUser(u), "user %s is %s", u.Name, done)
	})
}

func (a *admin) userChange() *cobra.Command {
	var email, full string
	var cmd *cobra.Command
	cmd = a.command("change NAME", "Change a user's address or full name; an address that is given counts as theirs", 1, func(ctx context.Context, s *store, args []string) error {
		if !cmd.Flags().Changed("email") && !cmd.Flags().Changed("full-name") {
			return errNothing
		}
		var u ballast.User
		err := s.db.Write(ctx, "change user "+args[0], func(tx *meta.Tx) (err error) {
			if u, err = userOf(tx, args[0]); err != nil {
				return err
			}
			if cmd.Flags().Changed("email") {
				if err := tx.SetUserEmail(u.ID, email); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("full-name") {
				if err := tx.SetUserFullName(u.ID, full); err != nil {
					return err
				}
			}
			u, err = tx.User(u.ID)
			return err
		})
		if err != nil {
			return err
		}
		return a.say(showUser(u), "user %s is changed", u.Name)
	})
	cmd.Flags().StringVar(&email, "email", "", "e-mail address")
	cmd.Flags().StringVar(&full, "full-name", "", "name to show")
	return cmd
}

// rescueLife is how long the link of "user reset" works.
const rescueLife = time.Hour

func (a *admin) userReset() *cobra.Command {
	var stdin bool
	cmd := a.command("reset NAME", "Let a user in who lost access: print a one-time link, or set a password", 1, func(ctx context.Context, s *store, args []string) error {
		var u ballast.User
		err := s.db.Read(ctx, func(tx *meta.Tx) (err error) {
			u, err = userOf(tx, args[0])
			return err
		})
		if err != nil {
			return err
		}
		if stdin {
			password, err := a.secretInput("password")
			if err != nil {
				return err
			}
			if err := s.auth.SetPassword(ctx, u.ID, password, 0); err != nil {
				return err
			}
			return a.say(showUser(u), "user %s has a new password and is signed out everywhere", u.Name)
		}
		token, err := s.auth.RescueToken(ctx, u.ID, rescueLife)
		if err != nil {
			return err
		}
		link := setupURL(s.address(), token)
		return a.say(map[string]any{"link": link, "user": u.Name, "expires": stamp(time.Now().Add(rescueLife))},
			"Open this link once, within an hour, to choose a new password for %s:\n\n  %s\n", u.Name, link)
	})
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "set the password to the line on standard input")
	return cmd
}

package auth

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Rules say what an identity provider's word counts for.
type Rules struct {
	Provision bool // people who never signed in get an account
	// LinkByEmail trusts the provider with addresses: what it has verified is
	// proven, and an account whose address is proven and the same becomes theirs.
	LinkByEmail bool
	// Groups gives roles by group. The teams that it names are governed by it:
	// who is in none of a team's groups leaves the team at their next sign-in.
	Groups map[string][]ballast.Grant
	Admins []string // groups whose people are admins of the instance; none: it is not governed
	DryRun bool     // what Groups and Admins would change is logged only
}

// SignInAs begins a session of a person whom a provider vouches for. NotFound:
// they have no account and get none; Conflict: their address is somebody
// else's; Unsigned: the account is disabled.
func (a *Auth) SignInAs(ctx context.Context, who ballast.Identity, r Rules, agent string) (Signed, error) {
	if empty, err := a.NeedsSetup(ctx); err != nil || empty {
		if err == nil {
			err = ballast.Errorf(ballast.NotFound, "this server has no administrator yet: open the set-up link first")
		}
		return Signed{}, err
	}
	var s Signed
	var did done
	err := a.db.Write(ctx, "sign in by a provider", func(tx *meta.Tx) (err error) {
		did = done{}
		if s.User, did.holder, err = a.userOf(tx, who, r); err != nil {
			return err
		}
		if s.User.Disabled {
			return disabled(s.User)
		}
		if who.GroupsSaid {
			if did.changes, err = govern(tx, s.User, who.Groups, r); err != nil {
				return err
			}
		}
		if s.User, err = tx.User(s.User.ID); err != nil {
			return err
		}
		s.Cookie, s.Session, err = a.newSession(tx, s.User.ID, agent)
		return err
	})
	if err != nil {
		return Signed{}, err
	}
	a.tell(ctx, s.User, who, r, did)
	a.Forget(s.User.ID)
	return s, nil
}

// done is what the log says of a sign-in.
type done struct {
	changes []string // of roles
	holder  string   // the account that has the address of a new one, unproven
}

func (a *Auth) tell(ctx context.Context, u ballast.User, who ballast.Identity, r Rules, did done) {
	if len(did.changes) > 0 {
		a.log.InfoContext(ctx, "roles by the groups of a sign-in provider", "user", u.Name, "dry_run", r.DryRun, "changes", did.changes)
	}
	if !who.GroupsSaid && len(r.Groups)+len(r.Admins) > 0 {
		a.log.WarnContext(ctx, "a sign-in provider says nothing of a person's groups: their roles stay as they are; look at the scopes, and at groups-claim", "user", u.Name, "issuer", who.Issuer)
	}
	if did.holder != "" {
		a.log.WarnContext(ctx, "an account was made without its e-mail address: another has the address, unproven; see docs/sign-in.md", "user", u.Name, "holder", did.holder)
	}
}

// userOf finds the account of an identity, or links or makes one as the rules
// say. A new one whose address an unproven account has, holder, gets none.
func (a *Auth) userOf(tx *meta.Tx, who ballast.Identity, r Rules) (u ballast.User, holder string, err error) {
	u, err = tx.UserByIdentity(who)
	if err == nil {
		return u, "", a.seen(tx, u, who, r)
	}
	if !ballast.Is(err, ballast.NotFound) {
		return u, "", err
	}
	u, err = sameAddress(tx, who, r)
	if err != nil || u.EmailProven {
		return u, "", err
	}
	holder = u.Name
	if !r.Provision {
		return u, "", ballast.Errorf(ballast.NotFound, "you have no account here, and this server makes none by signing in: ask for an invitation")
	}
	u = ballast.User{FullName: cut(who.FullName, 256)}
	if who.EmailVerified && holder == "" {
		u.Email, u.EmailProven = who.Email, r.LinkByEmail
	}
	if u.Name, err = freeName(tx, who); err != nil {
		return u, "", err
	}
	if u, err = tx.CreateUser(u, ""); err != nil {
		return u, "", err
	}
	return u, holder, tx.AddIdentity(u.ID, who)
}

// seen notes that a person signed in again. What was stored of their address
// before the provider was trusted with it is proven now.
func (a *Auth) seen(tx *meta.Tx, u ballast.User, who ballast.Identity, r Rules) error {
	if err := tx.TouchIdentity(who, a.now()); err != nil {
		return err
	}
	if u.EmailProven || u.Email == "" || !r.LinkByEmail || !who.EmailVerified || !strings.EqualFold(u.Email, who.Email) {
		return nil
	}
	return tx.ProveEmail(u.ID)
}

// sameAddress links the account that has the identity's address when that was
// asked for and both sides are proven, and refuses when only the account's is:
// an address alone proves nothing. An account that whoever made it gave the
// address to is returned as it is, unproven, and never linked: who made it knows
// its password. The zero User: nobody has the address.
func sameAddress(tx *meta.Tx, who ballast.Identity, r Rules) (ballast.User, error) {
	if who.Email == "" {
		return ballast.User{}, nil
	}
	u, err := tx.UserByEmail(who.Email)
	switch {
	case ballast.Is(err, ballast.NotFound):
		return ballast.User{}, nil
	case err != nil:
		return u, err
	case u.EmailProven && r.LinkByEmail && who.EmailVerified && !u.Service:
		return u, tx.AddIdentity(u.ID, who)
	case u.EmailProven:
		return u, ballast.Errorf(ballast.Conflict, "another account has your e-mail address: sign in with its password, or ask an admin of this server")
	case !r.Provision:
		return u, ballast.Errorf(ballast.Conflict, "account %s has your e-mail address, and nobody has proven that it is yours: sign in with its password, or ask an admin of this server, who can say so: ballast admin user change %s --email %s", u.Name, u.Name, who.Email)
	}
	return u, nil
}

// freeName makes a login name of what the provider says: its login name, else
// the first part of the address; a taken one gets a number.
func freeName(tx *meta.Tx, who ballast.Identity) (string, error) {
	base := plainName(who.Name)
	if base == "" {
		base = plainName(who.Email)
	}
	if base == "" {
		base = "user"
	}
	for n := 1; n < 100; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		if ballast.CheckEntityName(name) != nil {
			continue
		}
		_, err := tx.EntityByName(name)
		if ballast.Is(err, ballast.NotFound) {
			_, err = tx.UserByName(name) // service accounts have a name and no entity
		}
		if err == nil {
			continue
		}
		if ballast.Is(err, ballast.NotFound) {
			err = nil
		}
		return name, err
	}
	return "", ballast.Errorf(ballast.Conflict, "the names %s to %s-99 are taken: ask an admin of this server for an account", base, base)
}

// plainName keeps what may be in a name, before an @.
func plainName(text string) string {
	text, _, _ = strings.Cut(text, "@")
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, text)
	return cut(strings.Trim(text, "-."), 100)
}

func cut(text string, n int) string { return text[:min(len(text), n)] }

// govern gives and takes the roles that the rules tie to groups, and says what
// it changed, or would.
func govern(tx *meta.Tx, u ballast.User, groups []string, r Rules) (changes []string, err error) {
	want := granted(groups, r.Groups)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		team, err := tx.EntityByName(name)
		if ballast.Is(err, ballast.NotFound) || err == nil && team.Kind != ballast.Team {
			changes = append(changes, "no team "+name)
			continue
		}
		if err != nil {
			return nil, err
		}
		changed, err := setRole(tx, team, u, want[name], r.DryRun)
		if err != nil {
			return nil, err
		}
		if changed != "" {
			changes = append(changes, changed)
		}
	}
	changed, err := setAdmin(tx, u, groups, r)
	if changed != "" {
		changes = append(changes, changed)
	}
	return changes, err
}

// granted returns the greatest role in each team that the rules name; NoRole
// where none of the groups gives one.
func granted(groups []string, rules map[string][]ballast.Grant) map[string]ballast.Role {
	want := map[string]ballast.Role{}
	for group, grants := range rules {
		for _, g := range grants {
			have, ok := want[g.Team]
			if !ok {
				want[g.Team] = ballast.NoRole
			}
			if slices.Contains(groups, group) && !have.AtLeast(g.Role) {
				want[g.Team] = g.Role
			}
		}
	}
	return want
}

func setRole(tx *meta.Tx, team ballast.Entity, u ballast.User, role ballast.Role, dry bool) (changed string, err error) {
	have, err := tx.RoleIn(team.ID, u.ID)
	if err != nil || have == role {
		return "", err
	}
	changed = fmt.Sprintf("%s in %s, before %s", word(role), team.Name, word(have))
	switch {
	case dry:
	case role == ballast.NoRole:
		err = tx.RemoveMember(team.ID, u.ID)
	default:
		err = tx.SetMember(team.ID, u.ID, role)
	}
	return changed, err
}

func word(r ballast.Role) string {
	if r == ballast.NoRole {
		return "none"
	}
	return string(r)
}

// setAdmin governs who is an admin of the instance. The last one stays.
func setAdmin(tx *meta.Tx, u ballast.User, groups []string, r Rules) (changed string, err error) {
	if len(r.Admins) == 0 {
		return "", nil
	}
	admin := slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(r.Admins, g) })
	if admin == u.Admin {
		return "", nil
	}
	changed = "admin of the instance"
	if !admin {
		changed = "no admin of the instance any more"
	}
	if r.DryRun {
		return changed, nil
	}
	err = tx.SetUserAdmin(u.ID, admin)
	if ballast.Is(err, ballast.Conflict) {
		return "still admin of the instance: the last one", nil
	}
	return changed, err
}

package auth_test

import (
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestSignInAs(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		a := open(t, db, newClock(), newSecret)
		who := ballast.Identity{Issuer: "https://id.example.com", Subject: "s1", Email: "kim@id.example.com", EmailVerified: true, Name: "Kim Lee@id", FullName: "Kim Lee"}
		_, err := a.SignInAs(t.Context(), who, auth.Rules{Provision: true}, "Firefox")
		wantKind(t, "a store without users", err, ballast.NotFound)

		var team ballast.Entity
		root := newUser(t, db, "root", "")
		newUser(t, db, "kim-lee", "")
		err = db.Write(t.Context(), "test", func(tx *meta.Tx) (err error) {
			if team, err = tx.CreateEntity("red", ballast.Team, 0); err != nil {
				return err
			}
			return tx.SetUserAdmin(root.ID, true)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.SignInAs(t.Context(), who, auth.Rules{}, "Firefox")
		wantKind(t, "no provisioning", err, ballast.NotFound)
		first, err := a.SignInAs(t.Context(), who, auth.Rules{Provision: true}, "Firefox")
		if err != nil || first.User.Name != "kim-lee-2" || first.User.FullName != "Kim Lee" || first.User.HasPassword {
			t.Fatalf("the first time: %+v, %v", first.User, err)
		}
		if caller, err := a.BySession(t.Context(), first.Cookie, false); err != nil || caller.User.ID != first.User.ID {
			t.Errorf("the session is of %+v, %v", caller, err)
		}
		moved := who
		moved.Email, moved.Name = "other@id.example.com", "other"
		if again, err := a.SignInAs(t.Context(), moved, auth.Rules{}, "Firefox"); err != nil || again.User.ID != first.User.ID {
			t.Errorf("with another address: %+v, %v", again.User, err)
		}
		for _, other := range []ballast.Identity{{Issuer: who.Issuer, Subject: "S1"}, {Issuer: "https://other.example.com", Subject: "s1"}} {
			_, err := a.SignInAs(t.Context(), other, auth.Rules{}, "Firefox")
			wantKind(t, other.Issuer+" "+other.Subject, err, ballast.NotFound)
		}

		r := auth.Rules{DryRun: true, Admins: []string{"ops"}, Groups: map[string][]ballast.Grant{"ml": {{Team: "red", Role: ballast.Member}}, "lost": {{Team: "nowhere", Role: ballast.Member}}}}
		who.Groups, who.GroupsSaid = []string{"ml", "ops", "lost"}, true
		for _, dry := range []bool{true, false} {
			r.DryRun = dry
			s, err := a.SignInAs(t.Context(), who, r, "Firefox")
			if err != nil || s.User.Admin == dry {
				t.Errorf("dry run %v: admin %v, %v", dry, s.User.Admin, err)
			}
			role := ballast.NoRole
			if err := db.Read(t.Context(), func(tx *meta.Tx) (err error) { role, err = tx.RoleIn(team.ID, s.User.ID); return err }); err != nil || (role == ballast.NoRole) != dry {
				t.Errorf("dry run %v: role %q, %v", dry, role, err)
			}
		}

		if err := db.Write(t.Context(), "test", func(tx *meta.Tx) error { return tx.SetUserAdmin(root.ID, false) }); err != nil {
			t.Fatal(err)
		}
		who.Groups = nil
		if last, err := a.SignInAs(t.Context(), who, r, "Firefox"); err != nil || !last.User.Admin {
			t.Errorf("the last admin without the group: admin %v, %v", last.User.Admin, err)
		}

		if err := db.Write(t.Context(), "test", func(tx *meta.Tx) error {
			if err := tx.SetUserAdmin(root.ID, true); err != nil {
				return err
			}
			return tx.DeleteUser(first.User.ID)
		}); err != nil {
			t.Fatal(err)
		}
		_, err = a.SignInAs(t.Context(), who, auth.Rules{}, "Firefox")
		wantKind(t, "the account was deleted", err, ballast.NotFound)
		if anew, err := a.SignInAs(t.Context(), who, auth.Rules{Provision: true}, "Firefox"); err != nil || anew.User.ID == first.User.ID {
			t.Errorf("a new account: %+v, %v", anew.User, err)
		}
	})
}

func TestPasswordsForAdmins(t *testing.T) {
	db := metatest.Open(t)
	a, err := auth.New(db, []auth.Secret{newSecret}, auth.Options{AdminsOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	root := newUser(t, db, "root", hash(t))
	newUser(t, db, "ada", hash(t))
	if err := db.Write(t.Context(), "test", func(tx *meta.Tx) error { return tx.SetUserAdmin(root.ID, true) }); err != nil {
		t.Fatal(err)
	}
	if _, err := signIn(a, t, "root", password, "10.0.0.1"); err != nil {
		t.Errorf("an admin: %v", err)
	}
	_, err = signIn(a, t, "ada", password, "10.0.0.1")
	wantKind(t, "somebody else", err, ballast.Denied)
	_, err = signIn(a, t, "ada", "wrong password", "10.0.0.1")
	wantKind(t, "with a wrong password", err, ballast.Unsigned)
}

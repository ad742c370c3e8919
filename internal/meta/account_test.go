package meta_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestUser(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		made := ballast.User{Name: "Ada", Email: "Ada@Example.com", FullName: "Ada Lovelace", Admin: true, Created: start}
		write(t, db, func(tx *meta.Tx) (err error) {
			made, err = tx.CreateUser(made, "$phc")
			return err
		})
		if made.ID == 0 || made.EntityID == 0 || !made.HasPassword {
			t.Fatalf("created %+v", made)
		}
		for how, look := range map[string]func(tx *meta.Tx) (ballast.User, error){
			"by id":    func(tx *meta.Tx) (ballast.User, error) { return tx.User(made.ID) },
			"by name":  func(tx *meta.Tx) (ballast.User, error) { return tx.UserByName("aDA") },
			"by email": func(tx *meta.Tx) (ballast.User, error) { return tx.UserByEmail("ada@example.COM") },
		} {
			if diff := cmp.Diff(made, get(t, db, look)); diff != "" {
				t.Errorf("%s (-created +read):\n%s", how, diff)
			}
		}
		e := get(t, db, func(tx *meta.Tx) (ballast.Entity, error) { return tx.EntityByName("ADA") })
		if e.ID != made.EntityID || e.Kind != ballast.Personal || e.Name != "Ada" {
			t.Errorf("personal entity %+v", e)
		}
		if hash := get(t, db, func(tx *meta.Tx) (string, error) { return tx.PasswordHash(made.ID) }); hash != "$phc" {
			t.Errorf("password %q", hash)
		}
		seen := start.Add(time.Hour)
		write(t, db, func(tx *meta.Tx) error {
			for _, err := range []error{tx.SetPassword(made.ID, ""), tx.TouchUser(made.ID, seen), tx.TouchUser(made.ID, start),
				tx.SetUserFullName(made.ID, "A. L."), tx.SetUserEmail(made.ID, "a@b.c")} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		want := made
		want.HasPassword, want.LastSeen, want.FullName, want.Email, want.EmailProven = false, seen, "A. L.", "a@b.c", true
		if diff := cmp.Diff(want, get(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.UserByEmail("A@B.C") })); diff != "" {
			t.Errorf("after changes (-want +got):\n%s", diff)
		}
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.UserByEmail("") })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.User(999) })
		missing(t, db, func(tx *meta.Tx) (string, error) { return tx.PasswordHash(999) })
	})
}

func TestUserNamesAreTaken(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		u := newUser(t, db, "grace")
		team := newTeam(t, db, "compilers", u)
		create := func(u ballast.User) func(tx *meta.Tx) error {
			return func(tx *meta.Tx) error { _, err := tx.CreateUser(u, ""); return err }
		}
		refused(t, db, ballast.Conflict, create(ballast.User{Name: "GRACE", Email: "x@y.z"}))
		refused(t, db, ballast.Conflict, create(ballast.User{Name: "hopper", Email: "Grace@Example.com"}))
		refused(t, db, ballast.Conflict, create(ballast.User{Name: "Compilers"}))
		refused(t, db, ballast.Conflict, create(ballast.User{Name: "grace", Service: true, ServiceTeamID: team.ID}))
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { _, err := tx.CreateEntity("Grace", ballast.Team, 0); return err })
		refused(t, db, ballast.Invalid, create(ballast.User{Name: "a/b"}))
		refused(t, db, ballast.Invalid, create(ballast.User{Name: "Login"}))
		refused(t, db, ballast.Invalid, create(ballast.User{Name: "bot", Service: true}))
		refused(t, db, ballast.Invalid, create(ballast.User{Name: "bot", Service: true, ServiceTeamID: team.ID, Admin: true}))
		refused(t, db, ballast.Invalid, create(ballast.User{Name: "bot", Service: true, ServiceTeamID: u.EntityID}))
		// Composed and decomposed letters are one name; two without an address do not meet.
		write(t, db, create(ballast.User{Name: "Zo\u00eb"}))
		refused(t, db, ballast.Conflict, create(ballast.User{Name: "zoe\u0308"}))
		write(t, db, create(ballast.User{Name: "noaddress"}))
		// Nothing of a refused one is left behind.
		missing(t, db, func(tx *meta.Tx) (ballast.Entity, error) { return tx.EntityByName("hopper") })
	})
}

func TestUsers(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		for _, n := range []string{"anna", "Bert", "car_la", "dora"} {
			newUser(t, db, n)
		}
		list := func(query string, limit int) (names []string) {
			after := int64(0)
			for {
				page := get(t, db, func(tx *meta.Tx) ([]ballast.User, error) { return tx.Users(query, after, limit) })
				if len(page) == 0 {
					return names
				}
				for _, u := range page {
					names, after = append(names, u.Name), u.ID
				}
			}
		}
		for query, want := range map[string][]string{
			"": {"anna", "Bert", "car_la", "dora"}, "BERT": {"Bert"}, "example.COM": {"anna", "Bert", "car_la", "dora"},
			"r_l": {"car_la"}, "_": {"car_la"}, "%": nil, `\`: nil, "|": nil,
		} {
			if diff := cmp.Diff(want, list(query, 3)); diff != "" {
				t.Errorf("query %q (-want +got):\n%s", query, diff)
			}
		}
	})
}

func TestLastAdmin(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		a, b := newUser(t, db, "a"), newUser(t, db, "b")
		write(t, db, func(tx *meta.Tx) error { return tx.SetUserAdmin(a.ID, true) })
		for what, fn := range map[string]func(tx *meta.Tx) error{
			"disable": func(tx *meta.Tx) error { return tx.SetUserDisabled(a.ID, true) },
			"demote":  func(tx *meta.Tx) error { return tx.SetUserAdmin(a.ID, false) },
			"delete":  func(tx *meta.Tx) error { return tx.DeleteUser(a.ID) },
		} {
			t.Run(what, func(t *testing.T) { refused(t, db, ballast.Conflict, fn) })
		}
		write(t, db, func(tx *meta.Tx) error { return tx.SetUserAdmin(b.ID, true) })
		// Both at once: one of them stays.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, id := range []int64{a.ID, b.ID} {
			wg.Go(func() {
				errs[i] = db.Write(context.Background(), "demote", func(tx *meta.Tx) error { return tx.SetUserAdmin(id, false) })
			})
		}
		wg.Wait()
		if n := get(t, db, func(tx *meta.Tx) (int, error) { return tx.CountAdmins() }); n != 1 {
			t.Fatalf("%d admins left, errors %v", n, errs)
		}
		// A disabled admin does not count.
		write(t, db, func(tx *meta.Tx) error {
			c, err := tx.CreateUser(ballast.User{Name: "c", Admin: true, Disabled: true}, "")
			_ = c
			return err
		})
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error {
			for _, id := range []int64{a.ID, b.ID} {
				if err := tx.DeleteUser(id); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func TestDeleteUser(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		newUser(t, db, "boss")
		u := newUser(t, db, "eve")
		team := newTeam(t, db, "crew", u)
		p := newProject(t, db, team.ID, "p")
		own := newProject(t, db, u.EntityID, "own")
		r := addRun(t, db, ballast.Run{ProjectID: p.ID, Name: "r", UserID: u.ID})
		write(t, db, func(tx *meta.Tx) error {
			if _, err := tx.CreateKey(ballast.Key{UserID: u.ID}, [32]byte{1}, "s"); err != nil {
				return err
			}
			_, err := tx.CreateSession(ballast.Session{UserID: u.ID, Expires: start.AddDate(100, 0, 0)}, [32]byte{2})
			return err
		})
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteUser(u.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.UserByName("eve") })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.User(u.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.Entity, error) { return tx.Entity(u.EntityID) })
		missing(t, db, func(tx *meta.Tx) (ballast.Project, error) { return tx.Project(own.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { _, u, err := tx.KeyByMAC([32]byte{1}); return u, err })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { _, u, err := tx.SessionByMAC([32]byte{2}); return u, err })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.DeleteUser(u.ID) })
		if got := get(t, db, func(tx *meta.Tx) (ballast.Run, error) { return tx.Run(r.ID) }); got.User != "eve" {
			t.Errorf("the run is by %q, want eve still", got.User)
		}
		if again := newUser(t, db, "Eve"); again.ID == u.ID || again.EntityID == u.EntityID {
			t.Errorf("the name was given again, and with it id %d, entity %d", again.ID, again.EntityID)
		}
	})
}

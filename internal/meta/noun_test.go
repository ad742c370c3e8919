package meta_test

import (
	"context"
	"testing"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// write runs fn in a transaction that must succeed.
func write(t *testing.T, db *meta.DB, fn func(tx *meta.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), t.Name(), fn); err != nil {
		t.Fatal(err)
	}
}

// refused runs fn in a transaction that must fail with a kind.
func refused(t *testing.T, db *meta.DB, kind ballast.Kind, fn func(tx *meta.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), t.Name(), fn); !ballast.Is(err, kind) {
		t.Fatalf("error %v (kind %v), want kind %v", err, ballast.KindOf(err), kind)
	}
}

// get reads one value in a snapshot.
func get[T any](t *testing.T, db *meta.DB, fn func(tx *meta.Tx) (T, error)) (v T) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *meta.Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// missing reads what must be NotFound.
func missing[T any](t *testing.T, db *meta.DB, fn func(tx *meta.Tx) (T, error)) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *meta.Tx) error {
		_, err := fn(tx)
		return err
	})
	if !ballast.Is(err, ballast.NotFound) {
		t.Fatalf("error %v, want NotFound", err)
	}
}

// newUser adds a person.
func newUser(t *testing.T, db *meta.DB, name string) (u ballast.User) {
	t.Helper()
	write(t, db, func(tx *meta.Tx) (err error) {
		u, err = tx.CreateUser(ballast.User{Name: name, Email: name + "@example.com"}, "")
		return err
	})
	return u
}

// newTeam adds a team with an admin.
func newTeam(t *testing.T, db *meta.DB, name string, admin ballast.User) (e ballast.Entity) {
	t.Helper()
	write(t, db, func(tx *meta.Tx) (err error) {
		if e, err = tx.CreateEntity(name, ballast.Team, 0); err != nil {
			return err
		}
		return tx.SetMember(e.ID, admin.ID, ballast.Admin)
	})
	return e
}

// newProject adds a project to an entity.
func newProject(t *testing.T, db *meta.DB, entityID int64, name string) (p ballast.Project) {
	t.Helper()
	write(t, db, func(tx *meta.Tx) (err error) {
		p, _, err = tx.EnsureProject(entityID, name, 1, start)
		return err
	})
	return p
}

// newRun adds a run to a project.
func addRun(t *testing.T, db *meta.DB, r ballast.Run) ballast.Run {
	t.Helper()
	write(t, db, func(tx *meta.Tx) (err error) {
		r, err = tx.CreateRun(r)
		return err
	})
	return r
}

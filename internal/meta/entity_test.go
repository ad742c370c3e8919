package meta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

func TestTeamsAndMembers(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		var org, red, bot = ballast.Entity{}, ballast.Entity{}, ballast.User{}
		write(t, db, func(tx *meta.Tx) (err error) {
			if org, err = tx.CreateEntity("acme", ballast.Organization, 0); err != nil {
				return err
			}
			if red, err = tx.CreateEntity("red", ballast.Team, org.ID); err != nil {
				return err
			}
			if err = tx.SetMember(org.ID, ann.ID, ballast.Admin); err != nil {
				return err
			}
			if err = tx.SetMember(red.ID, bob.ID, ballast.Viewer); err != nil {
				return err
			}
			if err = tx.SetMember(red.ID, bob.ID, ballast.Member); err != nil {
				return err
			}
			bot, err = tx.CreateUser(ballast.User{Name: "bot", Service: true, ServiceTeamID: red.ID}, "")
			return err
		})
		roles := map[string]ballast.Role{}
		for _, m := range get(t, db, func(tx *meta.Tx) ([]ballast.Membership, error) { return tx.Members(red.ID) }) {
			roles[m.User.Name] = m.Role
		}
		if diff := cmp.Diff(map[string]ballast.Role{"bob": ballast.Member, "bot": ballast.Member}, roles); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
		if teams := get(t, db, func(tx *meta.Tx) ([]ballast.Entity, error) { return tx.TeamsOfOrg(org.ID) }); len(teams) != 1 || teams[0].ID != red.ID || teams[0].OrgID != org.ID {
			t.Errorf("teams of the organization: %+v", teams)
		}
		if all := get(t, db, func(tx *meta.Tx) ([]ballast.Membership, error) { return tx.Memberships(ann.ID) }); len(all) != 1 || all[0].Entity.Name != "acme" {
			t.Errorf("memberships of ann: %+v", all)
		}
		if teams := get(t, db, func(tx *meta.Tx) ([]ballast.Membership, error) { return tx.TeamsOf(ann.ID) }); len(teams) != 0 {
			t.Errorf("teams of ann: %+v", teams)
		}
		if role := get(t, db, func(tx *meta.Tx) (ballast.Role, error) { return tx.RoleIn(red.ID, ann.ID) }); role != ballast.NoRole {
			t.Errorf("ann is %q in red without being a member", role)
		}
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { return tx.SetMember(red.ID, ann.ID, "owner") })
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { return tx.SetMember(ann.EntityID, bob.ID, ballast.Viewer) })
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { return tx.SetMember(org.ID, bot.ID, ballast.Viewer) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.SetMember(999, ann.ID, ballast.Viewer) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.RemoveMember(red.ID, ann.ID) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return tx.RemoveMember(red.ID, bot.ID) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return tx.DeleteEntity(org.ID) })
		refused(t, db, ballast.Conflict, func(tx *meta.Tx) error { return tx.DeleteEntity(ann.EntityID) })
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { _, err := tx.CreateEntity("deep", ballast.Team, red.ID); return err })

		write(t, db, func(tx *meta.Tx) error { return tx.RemoveMember(red.ID, bob.ID) })
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteEntity(red.ID) })
		missing(t, db, func(tx *meta.Tx) (ballast.Entity, error) { return tx.EntityByName("red") })
		missing(t, db, func(tx *meta.Tx) (ballast.User, error) { return tx.UserByName("bot") })
		write(t, db, func(tx *meta.Tx) error { return tx.DeleteEntity(org.ID) })
		write(t, db, func(tx *meta.Tx) error { _, err := tx.CreateEntity("RED", ballast.Organization, 0); return err })
	})
}

func TestSetOrg(t *testing.T) {
	metatest.Each(t, func(t *testing.T, db *meta.DB) {
		ann := newUser(t, db, "ann")
		team := newTeam(t, db, "red", ann)
		var org ballast.Entity
		write(t, db, func(tx *meta.Tx) (err error) {
			if org, err = tx.CreateEntity("acme", ballast.Organization, 0); err != nil {
				return err
			}
			return tx.SetOrg(team.ID, org.ID)
		})
		if e := get(t, db, func(tx *meta.Tx) (ballast.Entity, error) { return tx.Entity(team.ID) }); e.OrgID != org.ID {
			t.Errorf("organization %d, want %d", e.OrgID, org.ID)
		}
		refused(t, db, ballast.Invalid, func(tx *meta.Tx) error { return tx.SetOrg(team.ID, team.ID) })
		refused(t, db, ballast.NotFound, func(tx *meta.Tx) error { return tx.SetOrg(org.ID, org.ID) })
		list := get(t, db, func(tx *meta.Tx) ([]ballast.Entity, error) { return tx.Entities(ballast.Team, 0, 10) })
		if len(list) != 1 || list[0].ID != team.ID {
			t.Errorf("teams %+v", list)
		}
		if all := get(t, db, func(tx *meta.Tx) ([]ballast.Entity, error) { return tx.Entities("", 0, 10) }); len(all) != 3 {
			t.Errorf("entities %+v", all)
		}
	})
}

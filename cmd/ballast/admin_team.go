package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownEntity is a team or an organization as scripts see one.
type shownEntity struct {
	Name    string        `json:"name"`
	Kind    string        `json:"kind"`
	Org     string        `json:"org,omitempty"`
	Members []shownMember `json:"members"`
	Teams   []string      `json:"teams,omitempty"` // of an organization
	Created *time.Time    `json:"created"`
}

type shownMember struct {
	User    string `json:"user"`
	Role    string `json:"role"`
	Service bool   `json:"service"`
}

func showEntity(tx *meta.Tx, e ballast.Entity) (shownEntity, error) {
	v := shownEntity{Name: e.Name, Kind: string(e.Kind), Members: []shownMember{}, Created: stamp(e.Created)}
	if e.OrgID != 0 {
		org, err := tx.Entity(e.OrgID)
		if err != nil {
			return v, err
		}
		v.Org = org.Name
	}
	if e.Kind == ballast.Organization {
		teams, err := tx.TeamsOfOrg(e.ID)
		if err != nil {
			return v, err
		}
		for _, t := range teams {
			v.Teams = append(v.Teams, t.Name)
		}
	}
	members, err := tx.Members(e.ID)
	for _, m := range members {
		v.Members = append(v.Members, shownMember{m.User.Name, string(m.Role), m.User.Service})
	}
	return v, err
}

func (a *admin) teams() *cobra.Command {
	return group("team", "Teams: create, list, change, delete; who is in them",
		a.entityCreate("team", ballast.Team), a.entityList("teams", ballast.Team), a.teamChange(), a.entityAdd("TEAM", ballast.Team),
		a.entityRemove("TEAM", ballast.Team), a.entityDelete("Delete a team with its projects and service accounts", ballast.Team))
}

func (a *admin) orgs() *cobra.Command {
	return group("org", "Organizations: create, list, delete; who is in them",
		a.entityCreate("organization", ballast.Organization), a.entityList("organizations", ballast.Organization), a.entityAdd("ORG", ballast.Organization),
		a.entityRemove("ORG", ballast.Organization), a.entityDelete("Delete an organization that has no teams", ballast.Organization))
}

func (a *admin) entityCreate(what string, kind ballast.EntityKind) *cobra.Command {
	var owner, org string
	cmd := a.command("create NAME", "Create a "+what, 1, func(ctx context.Context, s *store, args []string) error {
		return a.changeEntity(ctx, s, what+" %s created", func(tx *meta.Tx) (e ballast.Entity, err error) {
			u, err := userOf(tx, owner)
			if err != nil {
				return e, err
			}
			var orgID int64
			if org != "" {
				o, err := entityOf(tx, org, ballast.Organization)
				if err != nil {
					return e, err
				}
				orgID = o.ID
			}
			if e, err = tx.CreateEntity(args[0], kind, orgID); err != nil {
				return e, err
			}
			return e, tx.SetMember(e.ID, u.ID, ballast.Admin)
		})
	})
	if kind == ballast.Organization {
		cmd.Short = "Create an organization"
	} else {
		cmd.Flags().StringVar(&org, "org", "", "the organization it belongs to")
	}
	cmd.Flags().StringVar(&owner, "owner", "", "the user who is its first admin")
	cmd.MarkFlagRequired("owner")
	return cmd
}

// changeEntity runs a change and shows the entity as it is then.
func (a *admin) changeEntity(ctx context.Context, s *store, format string, change func(*meta.Tx) (ballast.Entity, error)) error {
	var v shownEntity
	err := s.db.Write(ctx, "change a team or an organization", func(tx *meta.Tx) error {
		e, err := change(tx)
		if err != nil {
			return err
		}
		v, err = showEntity(tx, e)
		return err
	})
	if err != nil {
		return err
	}
	return a.say(v, format, v.Name)
}

func (a *admin) entityList(what string, kind ballast.EntityKind) *cobra.Command {
	return a.command("list", "List "+what+" with their members", 0, func(ctx context.Context, s *store, _ []string) error {
		values, rows := []shownEntity{}, [][]string{}
		err := s.db.Read(ctx, func(tx *meta.Tx) error {
			for after := int64(0); ; {
				page, err := tx.Entities(kind, after, 1000)
				if err != nil || len(page) == 0 {
					return err
				}
				for _, e := range page {
					v, err := showEntity(tx, e)
					if err != nil {
						return err
					}
					values = append(values, v)
					rows = append(rows, entityRow(v))
					after = e.ID
				}
			}
		})
		if err != nil {
			return err
		}
		if kind == ballast.Organization {
			return a.table(values, "NAME TEAMS MEMBERS", rows)
		}
		return a.table(values, "NAME ORG MEMBERS", rows)
	})
}

func entityRow(v shownEntity) []string {
	var members []string
	for _, m := range v.Members {
		members = append(members, m.User+" ("+m.Role+")")
	}
	second := v.Org
	if v.Kind == string(ballast.Organization) {
		second = strings.Join(v.Teams, ", ")
	}
	if second == "" {
		second = "-"
	}
	return []string{v.Name, second, strings.Join(members, ", ")}
}

func (a *admin) entityAdd(what string, kind ballast.EntityKind) *cobra.Command {
	var role string
	cmd := a.command("add "+what+" USER", "Add a user, or change the role of one", 2, func(ctx context.Context, s *store, args []string) error {
		r, err := parseRole(role)
		if err != nil {
			return err
		}
		return a.changeEntity(ctx, s, args[1]+" is "+role+" of %s", func(tx *meta.Tx) (ballast.Entity, error) {
			e, u, err := entityAndUser(tx, args[0], kind, args[1])
			if err != nil {
				return e, err
			}
			return e, tx.SetMember(e.ID, u.ID, r)
		})
	})
	cmd.Flags().StringVar(&role, "role", "member", "admin, member or viewer")
	return cmd
}

func (a *admin) entityRemove(what string, kind ballast.EntityKind) *cobra.Command {
	return a.command("remove "+what+" USER", "Take a user out", 2, func(ctx context.Context, s *store, args []string) error {
		return a.changeEntity(ctx, s, args[1]+" is no member of %s any more", func(tx *meta.Tx) (ballast.Entity, error) {
			e, u, err := entityAndUser(tx, args[0], kind, args[1])
			if err != nil {
				return e, err
			}
			return e, tx.RemoveMember(e.ID, u.ID)
		})
	})
}

func entityAndUser(tx *meta.Tx, entity string, kind ballast.EntityKind, user string) (ballast.Entity, ballast.User, error) {
	e, err := entityOf(tx, entity, kind)
	if err != nil {
		return e, ballast.User{}, err
	}
	u, err := userOf(tx, user)
	return e, u, err
}

func (a *admin) entityDelete(short string, kind ballast.EntityKind) *cobra.Command {
	return a.command("delete NAME", short, 1, func(ctx context.Context, s *store, args []string) error {
		var e ballast.Entity
		err := s.db.Write(ctx, "delete "+args[0], func(tx *meta.Tx) (err error) {
			if e, err = entityOf(tx, args[0], kind); err != nil {
				return err
			}
			return tx.DeleteEntity(e.ID)
		})
		if err != nil {
			return err
		}
		return a.say(map[string]string{"deleted": e.Name}, "%s is deleted", e.Name)
	})
}

func (a *admin) teamChange() *cobra.Command {
	var org string
	var cmd *cobra.Command
	cmd = a.command("change NAME", "Move a team into an organization, or out of one with --org \"\"", 1, func(ctx context.Context, s *store, args []string) error {
		if !cmd.Flags().Changed("org") {
			return errNothing
		}
		return a.changeEntity(ctx, s, "team %s is changed", func(tx *meta.Tx) (e ballast.Entity, err error) {
			if e, err = entityOf(tx, args[0], ballast.Team); err != nil {
				return e, err
			}
			var o ballast.Entity
			if org != "" {
				if o, err = entityOf(tx, org, ballast.Organization); err != nil {
					return e, err
				}
			}
			if err := tx.SetOrg(e.ID, o.ID); err != nil {
				return e, err
			}
			return tx.Entity(e.ID)
		})
	})
	cmd.Flags().StringVar(&org, "org", "", "the organization, empty for none")
	return cmd
}

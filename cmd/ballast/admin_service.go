package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

func (a *admin) services() *cobra.Command {
	return group("service", "Service accounts: create, delete",
		a.serviceCreate(),
		a.userDo("delete NAME", "Delete a service account with its keys", "deleted", func(tx *meta.Tx, u ballast.User) error {
			if !u.Service {
				return ballast.Errorf(ballast.Invalid, "%s is a person: ballast admin user delete", u.Name)
			}
			return tx.DeleteUser(u.ID)
		}))
}

func (a *admin) serviceCreate() *cobra.Command {
	var team string
	cmd := a.command("create NAME", "Create a service account of a team; it signs in with keys only", 1, func(ctx context.Context, s *store, args []string) error {
		var u ballast.User
		err := s.db.Write(ctx, "create service account "+args[0], func(tx *meta.Tx) error {
			e, err := entityOf(tx, team, ballast.Team)
			if err != nil {
				return err
			}
			u, err = tx.CreateUser(ballast.User{Name: args[0], Service: true, ServiceTeamID: e.ID}, "")
			return err
		})
		if err != nil {
			return err
		}
		return a.say(showUser(u), "service account %s of team %s created; ballast admin key create --user %s makes it a key", u.Name, team, u.Name)
	})
	cmd.Flags().StringVar(&team, "team", "", "the team it belongs to")
	cmd.MarkFlagRequired("team")
	return cmd
}

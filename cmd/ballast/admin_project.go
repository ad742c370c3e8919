package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// shownProject is a project as scripts see one.
type shownProject struct {
	Entity      string     `json:"entity"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Runs        int64      `json:"runs"` // ever created
	Created     *time.Time `json:"created"`
	Updated     *time.Time `json:"updated"`
}

func showProject(p ballast.Project) shownProject {
	return shownProject{p.Entity, p.Name, p.Description, p.RunCount, stamp(p.Created), stamp(p.Updated)}
}

func (a *admin) projects() *cobra.Command {
	return group("project", "Projects: create, list, change, delete", a.projectCreate(), a.projectList(), a.projectChange(),
		a.projectDo("delete ENTITY/NAME", "Delete a project with its runs", "deleted", func(tx *meta.Tx, p ballast.Project) error {
			return tx.DeleteProject(p.ID, time.Now())
		}))
}

// splitProject reads ENTITY/NAME.
func splitProject(text string) (entity, name string, err error) {
	entity, name, ok := strings.Cut(text, "/")
	if !ok || entity == "" || name == "" {
		return "", "", fmt.Errorf("project %q: give it as ENTITY/NAME", text)
	}
	return entity, name, nil
}

func (a *admin) projectCreate() *cobra.Command {
	var description string
	cmd := a.command("create ENTITY/NAME", "Create a project of a user or a team", 1, func(ctx context.Context, s *store, args []string) error {
		entity, name, err := splitProject(args[0])
		if err != nil {
			return err
		}
		var p ballast.Project
		err = s.db.Write(ctx, "create project "+args[0], func(tx *meta.Tx) error {
			e, err := tx.EntityByName(entity)
			if err != nil {
				return err
			}
			if e.Kind == ballast.Organization {
				return ballast.Errorf(ballast.Invalid, "%s is an organization: projects belong to users and teams", e.Name)
			}
			var made bool
			if p, made, err = tx.EnsureProject(e.ID, name, 0, time.Now()); err != nil {
				return err
			}
			if !made {
				return ballast.Errorf(ballast.Conflict, "project %s/%s exists already", e.Name, name)
			}
			if description == "" {
				return nil
			}
			p.Description = description
			return tx.UpdateProject(p.ID, description)
		})
		if err != nil {
			return err
		}
		return a.say(showProject(p), "project %s/%s created", p.Entity, p.Name)
	})
	cmd.Flags().StringVar(&description, "description", "", "what it is about")
	return cmd
}

func (a *admin) projectList() *cobra.Command {
	var entity string
	cmd := a.command("list", "List projects", 0, func(ctx context.Context, s *store, _ []string) error {
		values, rows := []shownProject{}, [][]string{}
		err := s.db.Read(ctx, func(tx *meta.Tx) error {
			return eachEntity(tx, entity, func(e ballast.Entity) error {
				for after := ""; ; {
					page, err := tx.Projects(e.ID, after, 1000)
					if err != nil || len(page) == 0 {
						return err
					}
					for _, p := range page {
						values = append(values, showProject(p))
						rows = append(rows, []string{p.Entity + "/" + p.Name, strconv.FormatInt(p.RunCount, 10), when(p.Created)})
						after = p.Name
					}
				}
			})
		})
		if err != nil {
			return err
		}
		return a.table(values, "PROJECT RUNS CREATED", rows)
	})
	cmd.Flags().StringVar(&entity, "entity", "", "only of this user or team")
	return cmd
}

// eachEntity calls fn for one entity, or for all when name is empty.
func eachEntity(tx *meta.Tx, name string, fn func(ballast.Entity) error) error {
	if name != "" {
		e, err := tx.EntityByName(name)
		if err != nil {
			return err
		}
		return fn(e)
	}
	for after := int64(0); ; {
		page, err := tx.Entities("", after, 1000)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			if err := fn(e); err != nil {
				return err
			}
			after = e.ID
		}
	}
}

func (a *admin) projectChange() *cobra.Command {
	var description string
	cmd := a.projectDo("change ENTITY/NAME", "Change a project's description", "changed", func(tx *meta.Tx, p ballast.Project) error {
		return tx.UpdateProject(p.ID, description)
	})
	cmd.Flags().StringVar(&description, "description", "", "what it is about")
	cmd.MarkFlagRequired("description")
	return cmd
}

// projectDo is a command that does one thing to one project.
func (a *admin) projectDo(use, short, done string, do func(*meta.Tx, ballast.Project) error) *cobra.Command {
	return a.command(use, short, 1, func(ctx context.Context, s *store, args []string) error {
		entity, name, err := splitProject(args[0])
		if err != nil {
			return err
		}
		var p ballast.Project
		err = s.db.Write(ctx, "change project "+args[0], func(tx *meta.Tx) error {
			e, err := tx.EntityByName(entity)
			if err != nil {
				return err
			}
			if p, err = tx.ProjectByName(e.ID, name); err != nil {
				return err
			}
			if err := do(tx, p); err != nil {
				return err
			}
			if now, err := tx.Project(p.ID); err == nil { // a deleted one is shown as it was
				p = now
			}
			return nil
		})
		if err != nil {
			return err
		}
		return a.say(showProject(p), "project %s/%s is %s", p.Entity, p.Name, done)
	})
}

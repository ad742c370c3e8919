// Package graph is the GraphQL side of the server: schema/<noun>.graphql says
// what can be asked, and one file per noun answers it. Resolvers are thin: they
// find the object, ask who may see it, and call the room that knows.
//
// Generated code is in generated/ ("make generate"); everything else is written
// by hand. Every field has a row in the policy table of room auth; a field
// without one is refused (policy.go).
package graph

import (
	"log/slog"
	"time"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/export"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/graph/generated"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
)

//go:generate go tool gqlgen generate --config gqlgen.yml

// Options are the rooms that answer. All but Log and Now are needed.
type Options struct {
	DB        *meta.DB
	Auth      *auth.Auth
	Query     *query.Query
	Files     *file.Files
	Artifacts *artifact.Artifacts
	Exports   *export.Exports // nil: histories are never given as files
	Version   string          // of the server
	Log       *slog.Logger
	Now       func() time.Time // nil: the clock
}

// Graph answers GraphQL requests. It is safe for concurrent use.
type Graph struct {
	db        *meta.DB
	auth      *auth.Auth
	query     *query.Query
	files     *file.Files
	artifacts *artifact.Artifacts
	version   string
	log       *slog.Logger
	now       func() time.Time
	policy    *auth.Policy
	exec      *executor.Executor
	handover  handover
	scans     scans
	exports   *export.Exports
	unasked   *prometheus.CounterVec
}

// New returns a Graph over the rooms. It fails when the policy table cannot be
// read.
func New(o Options) (*Graph, error) {
	policy, err := auth.LoadPolicy()
	if err != nil {
		return nil, err
	}
	g := &Graph{
		db: o.DB, auth: o.Auth, query: o.Query, files: o.Files, artifacts: o.Artifacts, exports: o.Exports,
		version: o.Version, log: o.Log, now: o.Now, policy: policy, unasked: newUnasked(),
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.now == nil {
		g.now = time.Now
	}
	g.exec = g.newExecutor()
	return g, nil
}

// root hands out the resolvers, one type per noun.
type root struct{ *Graph }

type (
	queryResolver        struct{ *Graph }
	mutationResolver     struct{ *Graph }
	userResolver         struct{ *Graph }
	entityResolver       struct{ *Graph }
	organizationResolver struct{ *Graph }
	projectResolver      struct{ *Graph }
	runResolver          struct{ *Graph }
	fileResolver         struct{ *Graph }
)

func (r *root) Query() generated.QueryResolver               { return queryResolver{r.Graph} }
func (r *root) Mutation() generated.MutationResolver         { return mutationResolver{r.Graph} }
func (r *root) User() generated.UserResolver                 { return userResolver{r.Graph} }
func (r *root) Entity() generated.EntityResolver             { return entityResolver{r.Graph} }
func (r *root) Organization() generated.OrganizationResolver { return organizationResolver{r.Graph} }
func (r *root) Project() generated.ProjectResolver           { return projectResolver{r.Graph} }
func (r *root) Run() generated.RunResolver                   { return runResolver{r.Graph} }
func (r *root) File() generated.FileResolver                 { return fileResolver{r.Graph} }

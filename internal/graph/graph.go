// Package graph is the GraphQL side of the server: schema/<noun>.graphql says
// what can be asked, and one file per noun answers it. Resolvers are thin: they
// find the object, ask who may see it, and call the room that knows.
//
// Generated code is in generated/ ("make generate"); everything else is written
// by hand. Every field has a row in the policy table of room auth; a field
// without one is refused (policy.go).
package graph

//go:generate go tool gqlgen generate --config gqlgen.yml

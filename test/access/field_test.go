package access_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

type typeRef struct {
	Kind, Name string
	OfType     *typeRef
}

func (r *typeRef) base() *typeRef {
	for r.OfType != nil {
		r = r.OfType
	}
	return r
}

type field struct {
	Name string
	Args []struct {
		Name string
		Type typeRef
	}
	Type typeRef
}

type object struct {
	Kind, Name string
	Fields     []field
}

const introspection = `{ __schema { types { kind name fields(includeDeprecated: true) { name args { name type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`

func (s *store) schema() map[string]object {
	a := s.graphql("member", introspection, nil)
	text, err := json.Marshal(a.Data["__schema"])
	if err != nil {
		s.t.Fatal(err)
	}
	var schema struct{ Types []object }
	if err := json.Unmarshal(text, &schema); err != nil {
		s.t.Fatal(err)
	}
	types := map[string]object{}
	for _, o := range schema.Types {
		if (o.Kind == "OBJECT" || o.Kind == "INTERFACE" || o.Kind == "UNION") && !strings.HasPrefix(o.Name, "__") {
			types[o.Name] = o
		}
	}
	if len(types) < 10 {
		s.t.Fatalf("introspection shows %d types: %s", len(types), a.raw)
	}
	return types
}

// arguments of fields, where they need one to reach red/secret/r1.
var arguments = map[string]string{
	"Query.entity": `(name: "red")`, "Query.organization": `(name: "acme")`, "Query.users": `(query: "member")`,
	"Query.project": `(name: "secret", entityName: "red")`, "Query.model": `(name: "secret", entityName: "red")`, "Query.models": `(entityName: "red")`,
	"Entity.project": `(name: "secret")`, "Project.run": `(name: "r1")`, "Project.bucket": `(name: "r1")`, "Project.buckets": `(first: 5)`,
	"Run.wandbConfig": `(keys: ["t"])`, "Run.sampledHistory": `(specs: ["{\"keys\":[\"loss\"],\"samples\":5}"])`, "Run.parquetHistory": `(liveKeys: ["_step"])`,
	"Query.artifact":                        `(id: "` + nodeID("Artifact", 1) + `")`,
	"Query.artifactCollection":              `(id: "` + nodeID("ArtifactCollection", 1) + `")`,
	"Query.clientIDMapping":                 `(clientID: "client-1")`,
	"Project.artifact":                      `(name: "things:latest")`,
	"Project.artifactCollection":            `(name: "things")`,
	"Project.artifactCollectionMembership":  `(name: "things:v0")`,
	"Project.artifactType":                  `(name: "dataset")`,
	"ArtifactType.artifactCollection":       `(name: "things")`,
	"ArtifactCollection.artifactMembership": `(aliasName: "latest")`, "ArtifactSequence.artifactMembership": `(aliasName: "latest")`, "ArtifactPortfolio.artifactMembership": `(aliasName: "latest")`,
	"Artifact.filesByManifestEntries": `(storageLayout: "V2", manifestVersion: "1", entries: [{name: "f.txt", digest: "SzpiGLs+OnMD6KFxpg/Pkg=="}])`,
	"Project.sweep":                   `(sweepName: "s")`, "Project.sweeps": `(filters: "{}")`, "Sweep.agent": `(agentName: "a")`,
	"Query.view":        `(id: "` + nodeID("View", 1) + `")`,
	"Query.launchAgent": `(id: "x")`, "Project.runQueue": `(name: "q")`, "RunQueue.runQueueItem": `(id: "x")`, "Entity.defaultResourceConfig": `(id: "x")`,
	"Run.logLines": `(first: 5)`, "Run.files": `(names: ["f.txt"])`, "Organization.featureFlags": `(rampIDType: OrgName)`,
}

// roots are the ways to an object of a type, from the query's root; %s is
// where the field goes. Every other type is reached from one of them.
var roots = map[string]string{
	"Project": `project(name: "secret", entityName: "red") { %s }`,
	"Run":     `project(name: "secret", entityName: "red") { run(name: "r1") { %s } }`,
	"Entity":  `entity(name: "red") { %s }`, "Organization": `organization(name: "acme") { %s }`,
	"ArtifactPortfolio":               `project(name: "secret", entityName: "red") { artifactCollection(name: "shelf") { ... on ArtifactPortfolio { %s } } }`,
	"TagEdge":                         `project(name: "secret", entityName: "red") { artifactCollection(name: "things") { tags { edges { %s } } } }`,
	"Artifact":                        `project(name: "secret", entityName: "red") { artifact(name: "things:v0") { %s } }`,
	"PageInfo":                        `models(entityName: "red") { pageInfo { %s } }`,
	"ArtifactCollectionConnection":    `project(name: "secret", entityName: "red") { artifactCollections { %s } }`,
	"ARIATriggeredAction":             `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on ARIATriggeredAction { %s } } } }`,
	"GenericWebhookTriggeredAction":   `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on GenericWebhookTriggeredAction { %s } } } }`,
	"NoOpTriggeredAction":             `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on NoOpTriggeredAction { %s } } } }`,
	"NotificationTriggeredAction":     `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on NotificationTriggeredAction { %s } } } }`,
	"PushNotificationTriggeredAction": `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on PushNotificationTriggeredAction { %s } } } }`,
	"QueueJobTriggeredAction":         `project(name: "secret", entityName: "red") { triggers { triggeredAction { ... on QueueJobTriggeredAction { %s } } } }`,
	"FilterEventTriggeringCondition":  `project(name: "secret", entityName: "red") { triggers { triggeringCondition { ... on FilterEventTriggeringCondition { %s } } } }`,
	"GenericWebhookIntegration":       `entity(name: "red") { integrations { edges { node { ... on GenericWebhookIntegration { %s } } } } }`,
	"GitHubOAuthIntegration":          `entity(name: "red") { integrations { edges { node { ... on GitHubOAuthIntegration { %s } } } } }`,
	"SlackIntegration":                `entity(name: "red") { integrations { edges { node { ... on SlackIntegration { %s } } } } }`,
	"User":                            `users(query: "member") { edges { node { %s } } }`, "ServerInfo": `serverInfo { %s }`,
}

// walkFields tries every field of every type that a query reaches, and every
// mutation by its recipe.
func (s *store) walkFields(got map[string][]string) {
	types := s.schema()
	paths := s.paths(types)
	for name, o := range types {
		for _, f := range o.Fields {
			row := "field " + name + "." + f.Name
			if name == "Mutation" {
				got[row] = s.tryMutation(f, types)
				continue
			}
			path, ok := paths[name]
			if !ok {
				if payloadOnly(name) {
					continue // part of a mutation's reply, which is judged as a whole
				}
				s.t.Errorf("no query reaches type %s: give it a root in field_test.go", name)
				continue
			}
			query := "{ " + fmt.Sprintf(path, target+": "+f.Name+arguments[name+"."+f.Name]+selection(f, types)) + " }"
			for _, role := range roles {
				got[row] = append(got[row], s.tryField(role, query))
			}
		}
	}
}

func payloadOnly(name string) bool {
	return strings.HasSuffix(name, "Payload") || name == "Mutation" || name == "Invite" || name == "CustomChart"
}

// paths finds a way to each type, breadth first from the roots.
func (s *store) paths(types map[string]object) map[string]string {
	paths := map[string]string{"Query": "%s"}
	queue := []string{"Query"}
	for _, name := range sortedKeys(roots) {
		paths[name] = roots[name]
		queue = append(queue, name)
	}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, f := range types[from].Fields {
			to := f.Type.base().Name
			if _, isObject := types[to]; !isObject || paths[to] != "" || !s.reachable(from, f) {
				continue
			}
			paths[to] = fmt.Sprintf(paths[from], f.Name+arguments[from+"."+f.Name]+" { %s }")
			queue = append(queue, to)
		}
	}
	return paths
}

func (s *store) reachable(from string, f field) bool {
	for _, a := range f.Args {
		if a.Type.Kind == "NON_NULL" && arguments[from+"."+f.Name] == "" {
			s.t.Errorf("%s.%s needs an argument: give it one in field_test.go", from, f.Name)
			return false
		}
	}
	return true
}

func selection(f field, types map[string]object) string {
	if _, ok := types[f.Type.base().Name]; ok {
		return " { __typename }"
	}
	return ""
}

// target is the name that the field under trial has in the reply: no other
// member is called so.
const target = "target"

// tryField answers yes when the object that has the field was reached and the
// field made no error.
func (s *store) tryField(role, query string) string {
	a := s.graphql(role, query, nil)
	switch {
	case a.status == 401:
		return unsigned
	case a.status >= 500:
		return fmt.Sprint(a.status)
	case len(a.Errors) > 0 && strings.Contains(a.Errors[0].Message, "Cannot query"):
		s.t.Fatalf("%s: %s", query, a.raw)
	case len(a.Errors) > 0 || a.status != 200 || len(targets(a.Data)) == 0:
		return no
	case isNull(a.Data) && !strings.Contains(query, target+": lastUsedAt"): // that one is written within a minute
		return null
	}
	return yes
}

// targets are the values that the field under trial has in a reply.
func targets(v any) (all []any) {
	switch v := v.(type) {
	case map[string]any:
		if t, ok := v[target]; ok {
			return []any{t}
		}
		for _, m := range v {
			all = append(all, targets(m)...)
		}
	case []any:
		for _, m := range v {
			all = append(all, targets(m)...)
		}
	}
	return all
}

// isNull reports whether every value of the field is null.
func isNull(data any) bool {
	for _, t := range targets(data) {
		if t != nil {
			return false
		}
	}
	return true
}

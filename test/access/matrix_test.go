package access_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write matrix.tsv from what the server does; read the difference before you commit it")

// The outcomes in the table.
const (
	yes      = "yes"
	no       = "no"       // refused, or hidden as if it were not there
	null     = "null"     // the field is null: it has no value, or hides it
	unsigned = "unsigned" // 401: sign in first
)

func TestMatrix(t *testing.T) {
	s := start(t)
	got := map[string][]string{}
	s.walkRoutes(got)
	s.walkFields(got)
	if *update {
		writeMatrix(t, got)
	}
	if diff := cmp.Diff(readMatrix(t), got); diff != "" {
		t.Errorf("who may do what (-table +server); the table is matrix.tsv:\n%s", diff)
	}
}

// --- routes

// routeRecipes says how each route is tried: path and body. The run r1 of
// red/secret is what it is tried on.
var routeRecipes = map[string]struct{ path, body string }{
	"POST /sdk/otel/v1/{signal}":                        {"/sdk/otel/v1/metrics", ""},
	"OPTIONS /files/{entity}/{project}/{run}/{path...}": {"/files/red/secret/r1/f.txt", ""},
	"GET /artifactsV2/{path...}":                        {"/artifactsV2/default/red/secret/things/x/4b3a6218bb3e3a7303e8a171a60fcf92/f.txt", ""},
	"GET /artifacts/{entity}/{digest}":                  {"/artifacts/red/4b3a6218bb3e3a7303e8a171a60fcf92", ""},
	"POST /graphql":                                     {"/graphql", `{"query":"{ serverInfo { version } }"}`},
	"POST /files/{entity}/{project}/{run}/file_stream":  {"/files/red/secret/r1/file_stream", `{}`},
	"GET /files/{entity}/{project}/{run}/{path...}":     {"/files/red/secret/r1/f.txt", ""},
	"GET /api/logs/{entity}/{project}/{run}":            {"/api/logs/red/secret/r1", ""},
	"GET /api/logs/{entity}/{project}/{run}/download":   {"/api/logs/red/secret/r1/download", ""},
	"GET /api/files/{entity}/{project}/{run}/zip":       {"/api/files/red/secret/r1/zip", ""},
	"GET /api/live":                                     {"/api/live?project=red/secret", ""},
	"POST /api/panel":                                   {"/api/panel", `{"project":"red/secret","runs":["r1"],"key":"loss","x":"_step","stream":"history","buckets":10}`},
	"POST /api/keys":                                    {"/api/keys", `{"project":"red/secret","runs":["r1"]}`},
	"POST /api/runs":                                    {"/api/runs", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[],"offset":0,"limit":10}`},
	"POST /api/runs/columns":                            {"/api/runs/columns", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[]}`},
	"POST /api/runs/export":                             {"/api/runs/export", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":["state"],"format":"csv"}`},
	"POST /api/runs/groups":                             {"/api/runs/groups", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[],"by":"state"}`},
	"POST /api/runs/stats":                              {"/api/runs/stats", `{"project":"red/secret","q":"","filter":null,"order":[],"columns":[]}`},
	"POST /api/media":                                   {"/api/media", `{"project":"red/secret","runs":["r1"],"key":"pic"}`},
	"POST /api/table":                                   {"/api/table", `{"project":"red/secret","run":"r1","path":"f.txt"}`},
	"POST /api/demo":                                    {"/api/demo", `{"entity":"red"}`},
	"GET /api/invites/{entity}":                         {"/api/invites/red", ""},
	"POST /api/invites":                                 {"/api/invites", `{"team":"red","role":"viewer","days":1}`},
	"DELETE /api/invites/{entity}/{id}":                 {"/api/invites/red/0", ""},
	"POST /api/invite":                                  {"/api/invite", `{"token":"wrong"}`},
	"POST /api/invite/accept":                           {"/api/invite/accept", `{"token":"wrong"}`},
	"GET /api/teams/{entity}":                           {"/api/teams/red", ""},
	"PUT /api/teams/{entity}":                           {"/api/teams/red", `{"sharing":true}`},
	"GET /api/shares/{entity}/{project}":                {"/api/shares/red/secret", ""},
	"POST /api/shares":                                  {"/api/shares", `{"project":"red/secret","days":1}`},
	"DELETE /api/shares/{entity}/{project}/{id}":        {"/api/shares/red/secret/0", ""},
	"POST /api/shared":                                  {"/api/shared", `{}`},
	"POST /api/shared/panel":                            {"/api/shared/panel", `{"project":"red/secret","runs":["r1"],"key":"loss","buckets":10}`},
	"POST /api/shared/keys":                             {"/api/shared/keys", `{"project":"red/secret","runs":["r1"]}`},
	"POST /api/shared/runs":                             {"/api/shared/runs", `{"project":"red/secret","limit":10}`},
	"GET /frame/{name}":                                 {"/frame/page.html", ""},
	"PUT /api/home":                                     {"/api/home", `{"visit":true}`},
	"GET /api/projects/{entity}/{project}":              {"/api/projects/red/secret", ""},
	"DELETE /api/sessions/{id}":                         {"/api/sessions/0", ""},
	"PUT /api/profile":                                  {"/api/profile", `{}`},
	"GET /api/session":                                  {"/api/session", ""},
	"DELETE /api/session":                               {"/api/session", ""},
	"POST /api/session":                                 {"/api/session", `{"user":"nobody-by-that-name","password":"wrong"}`},
	"GET /debug/pprof/{name...}":                        {"/debug/pprof/goroutine", ""},
	"GET /oidc/{provider}/start":                        {"/oidc/none/start", ""},
	"GET /oidc/{provider}/callback":                     {"/oidc/none/callback", ""},
	"POST /api/setup":                                   {"/api/setup", `{"token":"wrong","name":"x","email":"x@example.com","password":"long enough for anybody"}`},
}

// walkRoutes tries every route of the policy table.
func (s *store) walkRoutes(got map[string][]string) {
	for _, row := range policyRows(s.t, "route") {
		recipe, ok := routeRecipes[row]
		method, path, _ := strings.Cut(row, " ")
		if !ok {
			if strings.Contains(path, "{") && !strings.Contains(path, "{path...}") && !strings.HasPrefix(path, "/storage/") {
				s.t.Errorf("route %q has no recipe in matrix_test.go", row)
				continue
			}
			recipe.path = strings.NewReplacer("{path...}", "", "{store}", "1", "{name...}", "runs/1/x", "{$}", "").Replace(path)
		}
		for _, role := range roles {
			code, text := s.do(role, method, recipe.path, recipe.body)
			if strings.Contains(text, "make ui") {
				code = 200 // the app was not built into this binary: its page says so to anybody
			}
			got["route "+row] = append(got["route "+row], routeOutcome(code))
		}
	}
}

func routeOutcome(code int) string {
	switch {
	case code == 401:
		return unsigned
	case code == 403 || code == 404:
		return no
	case code >= 500:
		return fmt.Sprint(code) // never expected: shows in the table
	}
	return yes
}

// policyRows returns the subjects of one sort in the server's policy table.
func policyRows(t *testing.T, sort string) []string {
	t.Helper()
	f, err := os.Open("../../internal/auth/policy.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if cols := strings.Split(lines.Text(), "\t"); len(cols) >= 3 && cols[0] == sort {
			rows = append(rows, cols[1])
		}
	}
	if len(rows) == 0 {
		t.Fatalf("the policy table has no %s", sort)
	}
	return rows
}

// --- GraphQL fields

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
				s.t.Errorf("no query reaches type %s: give it a root in matrix_test.go", name)
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
			s.t.Errorf("%s.%s needs an argument: give it one in matrix_test.go", from, f.Name)
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

// mutations are the recipes: the input, in which {n} is a fresh number. The
// run victim{n} of red/secret is there for it, with the file f.txt.
var mutations = map[string]string{
	"upsertBucket":             `{entityName: "red", modelName: "secret", name: "new{n}"}`,
	"rewindRun":                `{entityName: "red", projectName: "secret", runName: "victim{n}", metricName: "_step", metricValue: -1}`,
	"stopRun":                  `{id: "{run}"}`,
	"notifyScriptableRunAlert": `{entityName: "red", projectName: "secret", runName: "victim{n}", title: "t", text: "x"}`,
	"updateRunState":           `{id: "{run}", state: "failed"}`,
	"deleteRun":                `{id: "{run}"}`,
	"undeleteRun":              `{id: "{deleted}"}`,
	"createRunFiles":           `{entityName: "red", projectName: "secret", runName: "victim{n}", files: ["g.txt"]}`,
	"markRunFilesUploaded":     `{entityName: "red", projectName: "secret", runName: "victim{n}", files: ["f.txt"]}`,
	"deleteFiles":              `{files: ["{file}"]}`,
	"upsertView":               `{entityName: "red", projectName: "secret", type: "project-view", name: "nw-{n}-v", spec: "{}"}`,
	"deleteView":               `{id: "{view}"}`,
	"upsertModel":              `{entityName: "red", name: "new-project{n}"}`,
	"deleteModel":              `{id: "{project}"}`,
	"createTeam":               `{teamName: "team{n}", organizationName: "acme"}`,
	"createServiceAccount":     `{entityName: "red", description: "bot{n}"}`,
	"createInvite":             `{entityName: "red", username: "boss"}`,
	"deleteInvite":             `{entityName: "red", id: "{boss}"}`,
	"setMember":                `{entityName: "red", username: "boss", role: "viewer"}`,
	"removeMember":             `{entityName: "red", username: "boss"}`,
	"renameProject":            `{entityName: "red", oldProjectName: "secret", newProjectName: "secret"}`,
	"deleteHistoryKeys":        `{id: "{run}", keys: ["loss"], dryRun: true}`,
	"moveRuns":                 `{runs: ["{run}"], projectName: "secret"}`,
	"generateApiKey":           `{description: "k{n}", username: "robot"}`,
	"deleteApiKey":             `{id: "{key}"}`,
	"createUser":               `{email: "someone{n}@example.com", username: "someone{n}"}`,

	"createArtifactType":                     `{entityName:"red",projectName:"secret",name:"type{n}"}`,
	"createArtifact":                         `{entityName:"red",projectName:"secret",artifactTypeName:"dataset",artifactCollectionName:"new{n}",digest:"64e7c61456b10382e2f3b571ac24b659",digestAlgorithm:MANIFEST_MD5}`,
	"createArtifactManifest":                 `{artifactID:"{draft}",name:"m",digest:"",entityName:"red",projectName:"secret",runName:""}`,
	"updateArtifactManifest":                 `{artifactManifestID:"{manifest}",digest:""}`,
	"createArtifactFiles":                    `{storageLayout:V2,artifactFiles:[{artifactID:"{draft}",name:"f",md5:"1B2M2Y8AsgTpgAmY7PhCfg=="}]}`,
	"completeMultipartUploadArtifact":        `{completeMultipartAction:Complete,artifactID:"{draft}",storagePath:"{object}",uploadID:"{upload}",completedParts:[{partNumber:1,hexMD5:"{tag}"}]}`,
	"commitArtifact":                         `{artifactID:"{draft}"}`,
	"useArtifact":                            `{artifactID:"{version}",entityName:"red",projectName:"secret",runName:"victim{n}"}`,
	"updateArtifact":                         `{artifactID:"{version}",description:"text"}`,
	"deleteArtifact":                         `{artifactID:"{version}",deleteAliases:true}`,
	"addAliases":                             `{artifactID:"{version}",aliases:[{entityName:"red",projectName:"secret",artifactCollectionName:"c{n}",alias:"x"}]}`,
	"deleteAliases":                          `{artifactID:"{version}",aliases:[{entityName:"red",projectName:"secret",artifactCollectionName:"c{n}",alias:"latest"}]}`,
	"linkArtifact":                           `{artifactID:"{version}",artifactPortfolioName:"p{n}",entityName:"red",projectName:"secret"}`,
	"unlinkArtifact":                         `{artifactID:"{version}",artifactPortfolioID:"{portfolio}"}`,
	"deleteArtifactSequence":                 `{artifactSequenceID:"{sequence}"}`,
	"deleteArtifactPortfolio":                `{artifactPortfolioID:"{portfolio}"}`,
	"updateArtifactSequence":                 `{artifactSequenceID:"{sequence}",description:"text"}`,
	"updateArtifactPortfolio":                `{artifactPortfolioID:"{portfolio}",description:"text"}`,
	"moveArtifactSequence":                   `{artifactSequenceID:"{sequence}",destinationArtifactTypeName:"other"}`,
	"createArtifactCollectionTagAssignments": `{entityName:"red",projectName:"secret",artifactCollectionName:"c{n}",tags:[{tagName:"x"}]}{sequence}`,
	"deleteArtifactCollectionTagAssignments": `{entityName:"red",projectName:"secret",artifactCollectionName:"c{n}",tags:[{tagName:"x"}]}{sequence}`,

	// Not built yet: refused to everybody.
	"upsertSweep":                     `{clientMutationId:"x"}`,
	"createAgent":                     `{host:"x",sweep:"x"}`,
	"agentHeartbeat":                  `{id:"x"}`,
	"enqueueSweepRun":                 `{id:"x",config:"{}"}`,
	"ackRunQueueItem":                 `{runQueueItemId:"x",runName:"x"}`,
	"createDefaultResourceConfig":     `{entityName:"x",resource:"x",config:"{}"}`,
	"createLaunchAgent":               `{entityName:"x",projectName:"x",runQueues:[],hostname:"x"}`,
	"createRunQueue":                  `{entityName:"x",projectName:"x",queueName:"x",access:PROJECT}`,
	"deleteFromRunQueue":              `{queueID:"x",runQueueItemId:"x"}`,
	"deleteRunQueues":                 `{queueIDs:[]}`,
	"failRunQueueItem":                `{runQueueItemId:"x",message:"x",stage:"x"}`,
	"popFromRunQueue":                 `{entityName:"x",projectName:"x",queueName:"x"}`,
	"pushToRunQueue":                  `{queueID:"x",runSpec:"{}"}`,
	"pushToRunQueueByName":            `{entityName:"x",projectName:"x",queueName:"x",runSpec:"{}"}`,
	"updateLaunchAgent":               `{launchAgentId:"x"}`,
	"updateRunQueueItemWarning":       `{runQueueItemId:"x",message:"x",stage:"x"}`,
	"upsertRunQueue":                  `{entityName:"x",projectName:"x",queueName:"x",resourceType:"x",resourceConfig:"{}"}`,
	"createFilterTrigger":             `{enabled:true,eventFilter:"x",name:"x",scopeID:"x",scopeType:ARTIFACT_COLLECTION,triggeredActionConfig:{},triggeredActionType:ARIA,triggeringEventType:ADD_ARTIFACT_ALIAS}`,
	"updateFilterTrigger":             `{id:"x"}`,
	"deleteTrigger":                   `{triggerID:"x"}`,
	"createGenericWebhookIntegration": `{entityName:"x",name:"x",urlEndpoint:"x"}`,
	"createProjectMembers":            `{projectId:"x"}`,
	"deleteProjectMembers":            `{projectId:"x"}`,
	"updateProjectMember":             `{projectId:"x",userId:"x",userProjectRole:"x"}`,
	"updateProjectTeamMember":         `{projectId:"x",teamId:"x",teamProjectRole:"x"}`,
	"createCustomChart":               `{entity:"x",name:"x",displayName:"x",type:"x",access:"x",spec:"{}"}`,
}

func (s *store) tryMutation(f field, types map[string]object) []string {
	input, ok := mutations[f.Name]
	if !ok {
		s.t.Errorf("mutation %s has no recipe in matrix_test.go", f.Name)
		return nil
	}
	var outcomes []string
	for i, role := range roles {
		text := s.prepare(fmt.Sprintf("%s-%d", f.Name, i), f.Name, input)
		a := s.graphql(role, "mutation { "+f.Name+"(input: "+text+")"+selection(f, types)+" }", nil)
		switch {
		case a.status == 401:
			outcomes = append(outcomes, unsigned)
		case a.status >= 500:
			outcomes = append(outcomes, fmt.Sprint(a.status, " ", a.raw))
		case len(a.Errors) > 0 || a.Data[f.Name] == nil:
			outcomes = append(outcomes, no)
		default:
			outcomes = append(outcomes, yes)
		}
	}
	return outcomes
}

// prepare makes what a mutation is tried on and fills in its recipe.
func (s *store) prepare(n, mutation, input string) string {
	s.t.Helper()
	fill := []string{"{n}", n}
	if strings.Contains(input, "{run}") || strings.Contains(input, "victim") || strings.Contains(input, "{file}") || strings.Contains(input, "{deleted}") {
		s.newRun("secret", "victim"+n)
		fill = append(fill, "{run}", storageID("secret", "victim"+n), "{deleted}", storageID("secret", "victim"+n))
	}
	if strings.Contains(input, "{deleted}") {
		s.must(s.graphql("member", `mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }`, map[string]any{"id": storageID("secret", "victim"+n)}))
	}
	if strings.Contains(input, "{file}") {
		fill = append(fill, "{file}", s.upload("victim"+n, "f.txt", "bytes"))
	}
	if strings.Contains(input, "{project}") {
		a := s.must(s.graphql("member", `mutation($n: String) { upsertModel(input: {entityName: "red", name: $n}) { model { id } } }`, map[string]any{"n": "doomed" + n}))
		fill = append(fill, "{project}", a.Data["upsertModel"].(map[string]any)["model"].(map[string]any)["id"].(string))
	}
	if strings.Contains(input, "{view}") {
		a := s.must(s.graphql("member", `mutation($n: String) { upsertView(input: {entityName: "red", projectName: "secret", name: $n, spec: "{}"}) { view { id } } }`, map[string]any{"n": "doomed" + n}))
		fill = append(fill, "{view}", at(a.Data, "upsertView.view.id").(string))
	}
	if strings.Contains(input, "{key}") {
		a := s.must(s.graphql("teamadmin", `mutation { generateApiKey(input: {description: "doomed", username: "robot"}) { apiKey { id } } }`, nil))
		fill = append(fill, "{key}", a.Data["generateApiKey"].(map[string]any)["apiKey"].(map[string]any)["id"].(string))
	}
	fill = append(fill, s.artifactMarks(input, "c"+n, "shelf"+n)...)
	input = strings.TrimSuffix(input, "{sequence}")
	if mutation == "removeMember" || mutation == "deleteInvite" {
		a := s.must(s.graphql("teamadmin", `mutation { setMember(input: {entityName: "red", username: "boss", role: "viewer"}) { member { id } } }`, nil))
		fill = append(fill, "{boss}", a.Data["setMember"].(map[string]any)["member"].(map[string]any)["id"].(string))
	}
	return strings.NewReplacer(fill...).Replace(input)
}

// upload stores a file of a run and returns its id.
func (s *store) upload(run, name, content string) string {
	s.t.Helper()
	a := s.must(s.graphql("member", `mutation($r: String!, $f: [String!]!) { createRunFiles(input: {entityName: "red", projectName: "secret", runName: $r, files: $f}) { files { uploadUrl } } }`,
		map[string]any{"r": run, "f": []string{name}}))
	url := a.Data["createRunFiles"].(map[string]any)["files"].([]any)[0].(map[string]any)["uploadUrl"].(string)
	if code, text := s.do("nobody", "PUT", strings.TrimPrefix(url, s.url), content); code/100 != 2 {
		s.t.Fatalf("uploading %s: %d %s", name, code, text)
	}
	a = s.must(s.graphql("member", `query($r: String!, $f: [String]) { project(entityName: "red", name: "secret") { run(name: $r) { files(names: $f) { edges { node { id sizeBytes } } } } } }`,
		map[string]any{"r": run, "f": []string{name}}))
	edges := a.Data["project"].(map[string]any)["run"].(map[string]any)["files"].(map[string]any)["edges"].([]any)
	return edges[0].(map[string]any)["node"].(map[string]any)["id"].(string)
}

func (s *store) must(a answer) answer {
	s.t.Helper()
	if a.status != 200 || len(a.Errors) > 0 {
		s.t.Fatalf("preparing: %d %s", a.status, a.raw)
	}
	return a
}

// --- objects named by id

// TestObjects tries what belongs to red from outside by its id: run, file,
// signed URL, cursor. The stranger must get nothing, the member must.
func TestObjects(t *testing.T) {
	s := start(t)
	file := s.file
	page := func(role, entity, project, after string) answer {
		return s.graphql(role, `query($e: String, $p: String, $a: String) { project(entityName: $e, name: $p) { runs(first: 1, after: $a) { edges { cursor node { name } } } } }`,
			map[string]any{"e": entity, "p": project, "a": after})
	}
	s.newRun("secret", "r2")
	a := s.must(page("member", "red", "secret", ""))
	cursor := a.Data["project"].(map[string]any)["runs"].(map[string]any)["edges"].([]any)[0].(map[string]any)["cursor"].(string)
	s.must(s.graphql("stranger", `mutation { upsertModel(input: {entityName: "blue", name: "own"}) { inserted } }`, nil))

	for _, tt := range []struct {
		name, query string
		variables   map[string]any
		refused     bool // with an error; otherwise hidden
	}{
		{"run by storage id", `mutation($id: String) { upsertBucket(input: {id: $id, notes: "mine"}) { bucket { id } } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"run into a foreign project", `mutation { upsertBucket(input: {entityName: "red", modelName: "secret", name: "r1"}) { bucket { id } } }`, nil, true},
		{"stop", `mutation($id: ID!) { stopRun(input: {id: $id}) { success } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"delete", `mutation($id: ID!) { deleteRun(input: {id: $id}) { success } }`, map[string]any{"id": storageID("secret", "r1")}, true},
		{"file", `mutation($id: ID!) { deleteFiles(input: {files: [$id]}) { success } }`, map[string]any{"id": file}, true},
		{"files of a run", `{ project(entityName: "red", name: "secret") { run(name: "r1") { files { edges { node { directUrl } } } } } }`, nil, false},
		{"project", `{ project(entityName: "red", name: "secret") { id } }`, nil, false},
		{"entity's projects", `{ models(entityName: "red") { edges { node { name } } } }`, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.graphql("stranger", tt.query, tt.variables)
			if strings.Contains(a.raw, "secret") && !strings.Contains(tt.query, "secret") || strings.Contains(a.raw, "/storage/") {
				t.Errorf("the reply tells of what is hidden: %s", a.raw)
			}
			if refused := len(a.Errors) > 0 || a.status/100 == 4; refused != tt.refused && tt.refused {
				t.Errorf("was not refused: %d %s", a.status, a.raw)
			}
		})
	}
	t.Run("cursor of another project", func(t *testing.T) {
		a := page("stranger", "blue", "own", cursor)
		if strings.Contains(a.raw, "r1") || strings.Contains(a.raw, "r2") {
			t.Errorf("the cursor opened another project: %s", a.raw)
		}
	})
	t.Run("the same text for hidden and absent", func(t *testing.T) {
		stop := `mutation($id: ID!) { stopRun(input: {id: $id}) { success } }`
		hidden := s.graphql("stranger", stop, map[string]any{"id": storageID("secret", "r1")})
		absent := s.graphql("stranger", stop, map[string]any{"id": storageID("no-such", "r1")})
		clean := func(a answer) string {
			return strings.NewReplacer(storageID("secret", "r1"), "ID", storageID("no-such", "r1"), "ID", "secret", "P", "no-such", "P").Replace(a.raw)
		}
		if hidden.status != absent.status || len(hidden.Errors) == 0 || clean(hidden) != clean(absent) {
			t.Errorf("a hidden run answers %d %s, an absent one %d %s", hidden.status, hidden.raw, absent.status, absent.raw)
		}
	})
	t.Run("still there", func(t *testing.T) {
		a := s.must(s.graphql("member", `{ project(entityName: "red", name: "secret") { run(name: "r1") { notes shouldStop files(names: ["f.txt"]) { edges { node { sizeBytes } } } } } }`, nil))
		want := map[string]any{"notes": "", "shouldStop": false, "files": map[string]any{"edges": []any{map[string]any{"node": map[string]any{"sizeBytes": 5.0}}}}}
		run := a.Data["project"].(map[string]any)["run"].(map[string]any)
		if run["notes"] == nil {
			run["notes"] = ""
		}
		if diff := cmp.Diff(want, run); diff != "" {
			t.Errorf("run r1 (-want +got):\n%s", diff)
		}
	})
}

// --- the table

func readMatrix(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("matrix.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		cols := strings.Split(line, "\t")
		if i == 0 {
			if diff := cmp.Diff(append([]string{"subject"}, roles...), cols); diff != "" {
				t.Fatalf("matrix.tsv: columns (-want +got):\n%s", diff)
			}
			continue
		}
		rows[cols[0]] = cols[1:]
	}
	return rows
}

func writeMatrix(t *testing.T, rows map[string][]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("subject\t" + strings.Join(roles, "\t") + "\n")
	for _, subject := range sortedKeys(rows) {
		b.WriteString(subject + "\t" + strings.Join(rows[subject], "\t") + "\n")
	}
	if err := os.WriteFile("matrix.tsv", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

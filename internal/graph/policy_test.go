package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// TestPolicyRows: every field has a row, every row a field.
func TestPolicyRows(t *testing.T) {
	p, err := auth.LoadPolicy()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for name, def := range engineSchema().Types {
		if def.BuiltIn || strings.HasPrefix(name, "__") || def.Kind != "OBJECT" {
			continue
		}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				want = append(want, name+"."+f.Name)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, p.Fields()); diff != "" {
		t.Errorf("auth/policy.tsv (-schema +table):\n%s", diff)
	}
}

func TestFieldWithoutRow(t *testing.T) {
	g := bare(t)
	g.policy = &auth.Policy{}
	got := g.Do(t.Context(), call("{serverInfo{version}}", nil))
	if !strings.Contains(string(got.Body), "Query.serverInfo is not open to anybody") {
		t.Errorf("%s", got.Body)
	}
}

// TestMutationsByRole tries each mutation in each role and compares with the
// word that the policy table has for it.
func TestMutationsByRole(t *testing.T) {
	s := newStage(t)
	allowed := map[auth.Requirement][]string{
		auth.ToWrite:  {"member", "robot", "teamadmin", "orgadmin", "boss+"},
		auth.ToManage: {"teamadmin", "orgadmin", "boss+"},
		auth.ToAdmin:  {"boss+"},
	}
	roles := []string{"nobody", "stranger", "viewer", "other", "member", "robot", "teamadmin", "orgadmin", "boss", "boss+"}
	// What a mutation is tried on belongs to member; "user" mutations are
	// about what is the caller's own, so they are listed.
	special := map[string][]string{
		"createTeam":     {"orgadmin", "boss+"},                       // in acme
		"generateApiKey": {"robot", "teamadmin", "orgadmin", "boss+"}, // for robot
		"deleteApiKey":   {"robot", "teamadmin", "orgadmin", "boss+"}, // of robot
	}
	inputs := maps.Clone(unbuiltInputs)
	maps.Copy(inputs, mutationInputs)
	s.write(func(tx *meta.Tx) error { // in any order
		_, _, err := tx.EnsureProject(s.red.ID, "secret", s.users["member"].ID, time.Now())
		return err
	})
	for name, input := range inputs {
		requirement, _ := s.g.policy.Field("Mutation", name)
		for i, role := range roles {
			may := slices.Contains(allowed[requirement], role)
			if requirement == auth.ToManage && role == "member" {
				may = slices.Contains([]string{"stopRun", "deleteRun", "undeleteRun", "moveRuns", "deleteHistoryKeys", "deleteView"}, name) // it is member's
			}
			if requirement == auth.ToWrite && role == "other" {
				may = true
			}
			if list, ok := special[name]; ok {
				may = slices.Contains(list, role)
			}
			if _, ok := unbuiltInputs[name]; ok {
				may = false
			}
			a := s.do(role, "mutation{"+name+"(input:"+s.fill(input, name, fmt.Sprint(name, i))+"){__typename}}", nil)
			got := len(a.Errors) == 0
			if got != may {
				t.Errorf("%s by %s (%s): %v, want %v: %s", name, role, requirement, got, may, a.Body)
			}
			if role == "nobody" && a.Kind != ballast.Unsigned {
				t.Errorf("%s by nobody: %v, want unsigned", name, a.Kind)
			}
		}
	}
	for _, f := range engineSchema().Mutation.Fields {
		if _, ok := inputs[f.Name]; !ok {
			t.Errorf("mutation %s is not tried", f.Name)
		}
	}
}

// mutationInputs are tried on red/secret. {run} is a run of member's, {gone} a
// deleted one, {n} is fresh.
var mutationInputs = map[string]string{
	"upsertBucket":             `{entityName:"red",modelName:"secret",name:"new{n}"}`,
	"rewindRun":                `{entityName:"red",projectName:"secret",runName:"r{n}",metricName:"_step",metricValue:-1}`,
	"stopRun":                  `{id:"{run}"}`,
	"notifyScriptableRunAlert": `{entityName:"red",projectName:"secret",runName:"r{n}",title:"t",text:"x"}`,
	"updateRunState":           `{id:"{run}",state:"failed"}`,
	"deleteRun":                `{id:"{run}"}`,
	"undeleteRun":              `{id:"{gone}"}`,
	"deleteHistoryKeys":        `{id:"{run}",keys:["loss"],dryRun:true}`,
	"moveRuns":                 `{runs:["{run}"],projectName:"secret"}`,
	"renameProject":            `{entityName:"red",oldProjectName:"secret",newProjectName:"secret"}`,
	"deleteInvite":             `{entityName:"red",id:"{boss}"}`,
	"createRunFiles":           `{entityName:"red",projectName:"secret",runName:"r{n}",files:["g.txt"]}{run}`,
	"markRunFilesUploaded":     `{entityName:"red",projectName:"secret",runName:"r{n}",files:["f.txt"]}{run}`,
	"deleteFiles":              `{files:["{file}"]}`,
	"upsertView":               `{entityName:"red",projectName:"secret",type:"project-view",name:"nw-{n}-v",spec:"{}"}`,
	"deleteView":               `{id:"{view}"}`,
	"upsertModel":              `{entityName:"red",name:"project{n}"}`,
	"deleteModel":              `{id:"{project}"}`,
	"createTeam":               `{teamName:"team{n}",organizationName:"acme"}`,
	"createServiceAccount":     `{entityName:"red",description:"bot {n}"}`,
	"createInvite":             `{entityName:"red",username:"boss"}`,
	"setMember":                `{entityName:"red",username:"boss",role:"viewer"}`,
	"removeMember":             `{entityName:"red",username:"boss"}`,
	"generateApiKey":           `{description:"k{n}",username:"robot"}`,
	"deleteApiKey":             `{id:"{key}"}`,
	"createUser":               `{email:"someone{n}@example.com"}`,

	"createArtifactType":                     `{entityName:"red",projectName:"secret",name:"type{n}"}`,
	"createArtifact":                         `{entityName:"red",projectName:"secret",artifactTypeName:"dataset",artifactCollectionName:"new{n}",digest:"64e7c61456b10382e2f3b571ac24b659",digestAlgorithm:MANIFEST_MD5}`,
	"createArtifactManifest":                 `{artifactID:"{draft}",name:"m",digest:"",entityName:"red",projectName:"secret",runName:""}`,
	"updateArtifactManifest":                 `{artifactManifestID:"{manifest}",digest:""}`,
	"createArtifactFiles":                    `{storageLayout:V2,artifactFiles:[{artifactID:"{draft}",name:"f",md5:"1B2M2Y8AsgTpgAmY7PhCfg=="}]}`,
	"completeMultipartUploadArtifact":        `{completeMultipartAction:Complete,artifactID:"{draft}",storagePath:"{object}",uploadID:"{upload}",completedParts:[{partNumber:1,hexMD5:"{tag}"}]}`,
	"commitArtifact":                         `{artifactID:"{draft}"}`,
	"useArtifact":                            `{artifactID:"{version}",entityName:"red",projectName:"secret",runName:"r{n}"}`,
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
}

// unbuiltInputs are for mutations of subjects that are not built yet: refused to
// everybody.
var unbuiltInputs = map[string]string{
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

// fill makes what a mutation is tried on.
func (s *stage) fill(input, mutation, n string) string {
	s.t.Helper()
	marks := []string{"{n}", n}
	if strings.Contains(input, "r{n}") || strings.Contains(input, "{run}") || strings.Contains(input, "{gone}") || strings.Contains(input, "{file}") {
		id := s.run("r" + n)
		marks = append(marks, "{gone}", id, "{run}", id)
	}
	marks = append(marks, s.artifactMarks(input, "c"+n, "shelf"+n)...)
	input = strings.TrimSuffix(input, "{sequence}")
	input = strings.TrimSuffix(input, "}{run}") + strings.Repeat("}", strings.Count(input, "}{run}"))
	switch {
	case strings.Contains(input, "{gone}"):
		run := s.stored("red", "secret", "r"+n)
		s.write(func(tx *meta.Tx) error { return tx.DeleteRun(run.ID, run.Created) })
	case strings.Contains(input, "{file}"):
		marks = append(marks, "{file}", opaqueID("File", s.store("r"+n, "f.txt", "bytes").ID))
	case strings.Contains(input, "{view}"):
		a := s.must("member", upsertView, map[string]any{"i": map[string]any{"entityName": "red", "projectName": "secret", "name": "doomed" + n}})
		marks = append(marks, "{view}", a.at("upsertView.view.id").(string))
	case strings.Contains(input, "{project}"):
		a := s.must("member", `mutation($n:String){upsertModel(input:{entityName:"red",name:$n}){model{id}}}`, map[string]any{"n": "doomed" + n})
		marks = append(marks, "{project}", a.at("upsertModel.model.id").(string))
	case strings.Contains(input, "{key}"):
		_, key, err := s.auth.NewKey(s.t.Context(), s.users["robot"].ID, "doomed", s.g.now().AddDate(1, 0, 0))
		if err != nil {
			s.t.Fatal(err)
		}
		marks = append(marks, "{key}", opaqueID("ApiKey", key.ID))
	case mutation == "deleteInvite":
		marks = append(marks, "{boss}", opaqueID("User", s.users["boss"].ID))
		fallthrough
	case mutation == "removeMember":
		s.write(func(tx *meta.Tx) error { return tx.SetMember(s.red.ID, s.users["boss"].ID, ballast.Viewer) })
	case mutation == "setMember", mutation == "createInvite":
		s.write(func(tx *meta.Tx) error {
			err := tx.RemoveMember(s.red.ID, s.users["boss"].ID)
			if ballast.Is(err, ballast.NotFound) {
				return nil
			}
			return err
		})
	}
	if mutation != "removeMember" && mutation != "deleteInvite" {
		// boss is a stranger to red, whatever a mutation before made of them.
		s.write(func(tx *meta.Tx) error {
			if err := tx.RemoveMember(s.red.ID, s.users["boss"].ID); !ballast.Is(err, ballast.NotFound) {
				return err
			}
			return nil
		})
		s.auth.Forget(s.users["boss"].ID)
	}
	return strings.NewReplacer(marks...).Replace(input)
}

// artifactMarks makes the versions and collections that an input names.
func (s *stage) artifactMarks(input, collection, shelf string) (marks []string) {
	s.t.Helper()
	if strings.Contains(input, "{draft}") || strings.Contains(input, "{manifest}") {
		draft, manifest := s.draft(collection)
		marks = append(marks, "{draft}", draft, "{manifest}", manifest)
		if strings.Contains(input, "{upload}") {
			object, upload, tag := s.parts(draft)
			marks = append(marks, "{object}", object, "{upload}", upload, "{tag}", tag)
		}
	}
	if strings.Contains(input, "{version}") || strings.Contains(input, "{sequence}") || strings.Contains(input, "{portfolio}") {
		version := s.version(collection)
		a := s.must("member", `mutation($a:ID,$p:String){linkArtifact(input:{artifactID:$a,artifactPortfolioName:$p,entityName:"red",projectName:"secret"}){artifactMembership{artifactCollection{id} artifact{artifactSequence{id}}}}}`,
			map[string]any{"a": version, "p": shelf})
		marks = append(marks, "{version}", version, "{portfolio}", a.at("linkArtifact.artifactMembership.artifactCollection.id").(string),
			"{sequence}", a.at("linkArtifact.artifactMembership.artifact.artifactSequence.id").(string))
	}
	return marks
}

// TestHidden: whoever may not see red gets the same for what is there and what
// is not.
func TestHidden(t *testing.T) {
	s := newStage(t)
	s.run("r1")
	const query = `query($e:String,$p:String,$r:String!){
		project(entityName:$e,name:$p){id run(name:$r){id}} model(entityName:$e,name:$p){id}
		entity(name:$e){id} models(entityName:$e){edges{cursor}} organization(name:"acme"){id}}`
	there := map[string]any{"e": "red", "p": "secret", "r": "r1"}
	a := s.must("stranger", query, there)
	none := s.must("stranger", query, map[string]any{"e": "nil", "p": "secret", "r": "r1"})
	if diff := cmp.Diff(none.Data, a.Data); diff != "" {
		t.Errorf("the stranger sees (-nothing +red):\n%s", diff)
	}
	for name, v := range a.Data {
		if empty := map[string]any{"edges": []any{}}; v != nil && !(name == "models" && cmp.Equal(v, any(empty))) {
			t.Errorf("%s is %v", name, v)
		}
	}
	if seen := s.must("viewer", query, there); seen.at("project.run.id") == nil || seen.at("entity.id") == nil || seen.at("organization") != nil {
		t.Errorf("the viewer sees %s", seen.Body)
	}
	if a := s.do("nobody", query, there); !a.Failed || a.Kind != ballast.Unsigned {
		t.Errorf("nobody: %v %s", a.Kind, a.Body)
	}
}

package access_test

import (
	"fmt"
	"strings"
)

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
		s.t.Errorf("mutation %s has no recipe in mutation_test.go", f.Name)
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

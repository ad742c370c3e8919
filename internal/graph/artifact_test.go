package graph

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/meta"
)

// An empty manifest, and the digest of a version without files (PRODUCT
// section 5.1).
const (
	emptyManifest = `{"version":1,"storagePolicy":"wandb-storage-policy-v1","storagePolicyConfig":{"storageLayout":"V2"},"contents":{}}`
	emptyDigest   = "64e7c61456b10382e2f3b571ac24b659"
)

// draft begins a version of a collection of red/secret, whose manifest is
// there, and returns the ids of both.
func (s *stage) draft(collection string) (artifact, manifest string) {
	s.t.Helper()
	a := s.must("member", `mutation($c:String){createArtifact(input:{entityName:"red",projectName:"secret",artifactTypeName:"dataset",artifactCollectionName:$c,digest:"`+emptyDigest+`",digestAlgorithm:MANIFEST_MD5}){artifact{id state}}}`,
		map[string]any{"c": collection})
	artifact = a.at("createArtifact.artifact.id").(string)
	sum := md5.Sum([]byte(emptyManifest))
	a = s.must("member", `mutation($a:ID!,$d:String!){createArtifactManifest(input:{artifactID:$a,name:"wandb_manifest.json",digest:$d,entityName:"red",projectName:"secret",runName:""}){artifactManifest{id file{uploadUrl storagePath}}}}`,
		map[string]any{"a": artifact, "d": base64.StdEncoding.EncodeToString(sum[:])})
	object := a.at("createArtifactManifest.artifactManifest.file.storagePath").(string)
	if _, err := s.bucket.Put(s.t.Context(), object, strings.NewReader(emptyManifest), -1); err != nil {
		s.t.Fatal(err)
	}
	return artifact, a.at("createArtifactManifest.artifactManifest.id").(string)
}

// version commits a version of a collection of red/secret.
func (s *stage) version(collection string) string {
	s.t.Helper()
	id, _ := s.draft(collection)
	s.must("member", `mutation($a:ID!){commitArtifact(input:{artifactID:$a}){artifact{id}}}`, map[string]any{"a": id})
	return id
}

// parts begins an upload in parts of a draft, with its only part there, and
// returns what completes it.
func (s *stage) parts(draft string) (object, upload, tag string) {
	s.t.Helper()
	sum := md5.Sum([]byte(draft))
	hex := hex.EncodeToString(sum[:])
	a := s.must("member", `mutation($a:ID!,$m:String!,$h:String!){createArtifactFiles(input:{storageLayout:V2,artifactFiles:[{artifactID:$a,name:"big",md5:$m,uploadPartsInput:[{partNumber:1,hexMD5:$h}]}]}){files{edges{node{storagePath uploadUrl uploadMultipartUrls{uploadID uploadUrlParts{uploadUrl}}}}}}}`,
		map[string]any{"a": draft, "m": base64.StdEncoding.EncodeToString(sum[:]), "h": hex})
	node := a.at("createArtifactFiles.files").(map[string]any)["edges"].([]any)[0].(map[string]any)["node"].(map[string]any)
	urls := node["uploadMultipartUrls"].(map[string]any)
	link, err := url.Parse(urls["uploadUrlParts"].([]any)[0].(map[string]any)["uploadUrl"].(string))
	if err != nil {
		s.t.Fatal(err)
	}
	direct := s.bucket.(blob.Direct)
	grant, err := direct.Verify("PUT", link, time.Now())
	if err == nil {
		_, err = direct.Receive(s.t.Context(), grant, strings.NewReader(draft), -1)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return node["storagePath"].(string), urls["uploadID"].(string), hex
}

// TestHiddenArtifacts: a stranger gets for a version by id what a version that
// does not exist gets.
func TestHiddenArtifacts(t *testing.T) {
	s := newStage(t)
	id := s.version("things")
	const query = `query($id:ID!){artifact(id:$id){id digest files{totalCount}}}`
	if a := s.must("viewer", query, map[string]any{"id": id}); a.at("artifact.digest") != emptyDigest {
		t.Errorf("the viewer sees %s", a.Body)
	}
	for _, id := range []string{id, opaqueID("Artifact", 999)} {
		if a := s.must("stranger", query, map[string]any{"id": id}); a.at("artifact") != nil {
			t.Errorf("the stranger sees %s", a.Body)
		}
	}
	commit := `mutation($a:ID!){commitArtifact(input:{artifactID:$a}){artifact{id}}}`
	hidden := s.do("stranger", commit, map[string]any{"a": id})
	absent := s.do("stranger", commit, map[string]any{"a": opaqueID("Artifact", 999)})
	if h, n := strings.ReplaceAll(string(hidden.Body), id, "ID"), strings.ReplaceAll(string(absent.Body), opaqueID("Artifact", 999), "ID"); h != n {
		t.Errorf("hidden: %s\nabsent: %s", h, n)
	}
}

// TestLineageOfOthers: a run's versions that the caller may not see are not
// listed, and neither are the users of a version.
func TestLineageOfOthers(t *testing.T) {
	s := newStage(t)
	id := s.version("things")
	// member uses red's version in a run of their own entity.
	a := s.upsert("member", map[string]any{"name": "mine", "project": "own", "entity": "member", "config": firstConfig})
	if len(a.Errors) > 0 {
		t.Fatalf("%s", a.Body)
	}
	use := `mutation($a:ID!){useArtifact(input:{artifactID:$a,entityName:"member",projectName:"own",runName:"mine"}){artifact{id}}}`
	s.must("member", use, map[string]any{"a": id})
	if a := s.do("viewer", use, map[string]any{"a": id}); len(a.Errors) == 0 {
		t.Errorf("a viewer of red writes to member's run: %s", a.Body)
	}
	used := `query($id:ID!){artifact(id:$id){usedBy{edges{node{name}}}}}`
	for role, want := range map[string]int{"member": 1, "viewer": 0} {
		a := s.must(role, used, map[string]any{"id": id})
		if edges := a.at("artifact.usedBy").(map[string]any)["edges"].([]any); len(edges) != want {
			t.Errorf("%s sees %s", role, a.Body)
		}
	}
	// Taken out of red, member still sees the run, not the version.
	s.write(func(tx *meta.Tx) error { return tx.RemoveMember(s.red.ID, s.users["member"].ID) })
	s.auth.Forget(s.users["member"].ID)
	inputs := `{project(entityName:"member",name:"own"){run(name:"mine"){inputArtifacts{totalCount}}}}`
	if a := s.must("member", inputs, nil); a.at("project.run.inputArtifacts.totalCount") != 0.0 {
		t.Errorf("%s", a.Body)
	}
}

package access_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

func base64MD5(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func hexMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// put stores what a signed link of ours is for.
func (s *store) put(link any, content string) {
	s.t.Helper()
	if code, text := s.do("nobody", "PUT", strings.TrimPrefix(link.(string), s.url), content); code/100 != 2 {
		s.t.Fatalf("storing by link: %d %s", code, text)
	}
}

// at returns what is under a path of names and places, "a.b.0.c".
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			var i int
			fmt.Sscan(name, &i)
			v = x[i]
		}
	}
	return v
}

// draft begins a version of a collection of red/secret with one file, logged
// by the run r1, whose bytes and manifest are stored.
func (s *store) draft(collection, client string) (artifact, manifest string) {
	s.t.Helper()
	digest := hexMD5("wandb-artifact-manifest-v1\nf.txt:" + base64MD5("bytes") + "\n")
	a := s.must(s.graphql("member", `mutation($c: String, $d: String!, $id: ID) { createArtifact(input: {entityName: "red", projectName: "secret", runName: "r1", artifactTypeName: "dataset", artifactCollectionName: $c, digest: $d, digestAlgorithm: MANIFEST_MD5, clientID: $id, tags: [{tagName: "t"}]}) { artifact { id } } }`,
		map[string]any{"c": collection, "d": digest, "id": client}))
	artifact = at(a.Data, "createArtifact.artifact.id").(string)
	a = s.must(s.graphql("member", `mutation($a: ID!, $m: String!) { createArtifactFiles(input: {storageLayout: V2, artifactFiles: [{artifactID: $a, name: "f.txt", md5: $m}]}) { files { edges { node { uploadUrl } } } } }`,
		map[string]any{"a": artifact, "m": base64MD5("bytes")}))
	if url := at(a.Data, "createArtifactFiles.files.edges.0.node.uploadUrl"); url != nil {
		s.put(url, "bytes")
	}
	text := `{"version":1,"storagePolicy":"wandb-storage-policy-v1","contents":{"f.txt":{"digest":"` + base64MD5("bytes") + `","size":5}}}`
	a = s.must(s.graphql("member", `mutation($a: ID!, $d: String!) { createArtifactManifest(input: {artifactID: $a, name: "wandb_manifest.json", digest: $d, entityName: "red", projectName: "secret", runName: ""}) { artifactManifest { id file { uploadUrl } } } }`,
		map[string]any{"a": artifact, "d": base64MD5(text)}))
	s.put(at(a.Data, "createArtifactManifest.artifactManifest.file.uploadUrl"), text)
	return artifact, at(a.Data, "createArtifactManifest.artifactManifest.id").(string)
}

func (s *store) version(collection, client string) string {
	s.t.Helper()
	id, _ := s.draft(collection, client)
	s.must(s.graphql("member", `mutation($a: ID!) { commitArtifact(input: {artifactID: $a}) { artifact { id } } }`, map[string]any{"a": id}))
	return id
}

// link puts a version into a portfolio and returns the ids of the portfolio
// and of the version's sequence.
func (s *store) link(version, shelf string) (portfolio, sequence string) {
	s.t.Helper()
	a := s.must(s.graphql("member", `mutation($a: ID, $p: String) { linkArtifact(input: {artifactID: $a, artifactPortfolioName: $p, entityName: "red", projectName: "secret"}) { artifactMembership { artifactCollection { id } artifact { artifactSequence { id } } } } }`,
		map[string]any{"a": version, "p": shelf}))
	return at(a.Data, "linkArtifact.artifactMembership.artifactCollection.id").(string), at(a.Data, "linkArtifact.artifactMembership.artifact.artifactSequence.id").(string)
}

// things makes the version things:v0 of red/secret, which the run r1 logged
// and uses, and the portfolio shelf with it.
func (s *store) things() {
	s.t.Helper()
	id := s.version("things", "client-1")
	s.link(id, "shelf")
	s.must(s.graphql("member", `mutation($a: ID!) { useArtifact(input: {artifactID: $a, entityName: "red", projectName: "secret", runName: "r1"}) { artifact { id } } }`, map[string]any{"a": id}))
	s.must(s.graphql("member", `mutation { createArtifactCollectionTagAssignments(input: {entityName: "red", projectName: "secret", artifactCollectionName: "things", tags: [{tagName: "t"}]}) { tags { id } } }`, nil))
}

// artifactMarks makes the versions and collections that a recipe names.
func (s *store) artifactMarks(input, collection, shelf string) (fill []string) {
	s.t.Helper()
	if strings.Contains(input, "{draft}") || strings.Contains(input, "{manifest}") {
		draft, manifest := s.draft(collection, "")
		fill = append(fill, "{draft}", draft, "{manifest}", manifest)
		if strings.Contains(input, "{upload}") {
			a := s.must(s.graphql("member", `mutation($a: ID!, $m: String!, $h: String!) { createArtifactFiles(input: {storageLayout: V2, artifactFiles: [{artifactID: $a, name: "big", md5: $m, uploadPartsInput: [{partNumber: 1, hexMD5: $h}]}]}) { files { edges { node { storagePath uploadMultipartUrls { uploadID uploadUrlParts { uploadUrl } } } } } } }`,
				map[string]any{"a": draft, "m": base64MD5(draft), "h": hexMD5(draft)}))
			node := at(a.Data, "createArtifactFiles.files.edges.0.node")
			s.put(at(node, "uploadMultipartUrls.uploadUrlParts.0.uploadUrl"), draft)
			fill = append(fill, "{object}", at(node, "storagePath").(string), "{upload}", at(node, "uploadMultipartUrls.uploadID").(string), "{tag}", hexMD5(draft))
		}
	}
	if strings.Contains(input, "{version}") || strings.Contains(input, "{sequence}") || strings.Contains(input, "{portfolio}") {
		version := s.version(collection, "")
		portfolio, sequence := s.link(version, shelf)
		fill = append(fill, "{version}", version, "{portfolio}", portfolio, "{sequence}", sequence)
	}
	return fill
}

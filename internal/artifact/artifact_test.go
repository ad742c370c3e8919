package artifact_test

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

type stage struct {
	t      *testing.T
	db     *meta.DB
	bucket *fileblob.Bucket
	room   *artifact.Artifacts
	p      ballast.Project
	run    ballast.Run
}

func newStage(t *testing.T) *stage {
	t.Helper()
	return newStageOn(t, metatest.Open(t))
}

func newStageOn(t *testing.T, db *meta.DB) *stage {
	t.Helper()
	st := &stage{t: t, db: db}
	var err error
	st.bucket, err = fileblob.Open(t.TempDir(), fileblob.Options{URL: "http://ballast.test", Keys: []fileblob.Key{{ID: "k", Secret: []byte("the secret of test links")}}})
	if err != nil {
		t.Fatal(err)
	}
	st.room = artifact.New(st.db, artifact.Options{Stores: map[int]blob.Bucket{0: st.bucket}})
	err = st.db.Write(t.Context(), "test", func(tx *meta.Tx) error {
		u, err := tx.CreateUser(ballast.User{Name: "ada", Email: "ada@example.com"}, "")
		if err != nil {
			return err
		}
		if st.p, _, err = tx.EnsureProject(u.EntityID, "p", u.ID, time.Now()); err != nil {
			return err
		}
		st.run, err = tx.CreateRun(ballast.Run{ProjectID: st.p.ID, Name: "r", UserID: u.ID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func sum(text string) []byte { s := md5.Sum([]byte(text)); return s[:] }

func b64(text string) string { return base64.StdEncoding.EncodeToString(sum(text)) }

// manifestOf is a manifest of files, and the version's digest.
func manifestOf(files map[string]string) (text, digest string) {
	var entries, lines []string
	for path, content := range files {
		entries = append(entries, fmt.Sprintf(`%q:{"digest":%q,"size":%d}`, path, b64(content), len(content)))
		lines = append(lines, path+":"+b64(content)+"\n")
	}
	slices.Sort(lines)
	digest = hex.EncodeToString(sum("wandb-artifact-manifest-v1\n" + strings.Join(lines, "")))
	return `{"version":1,"storagePolicy":"wandb-storage-policy-v1","storagePolicyConfig":{"storageLayout":"V2"},"contents":{` + strings.Join(entries, ",") + `}}`, digest
}

// create begins a version of "data".
func (st *stage) create(d artifact.Draft) ballast.Artifact {
	st.t.Helper()
	d.Type, d.Collection, d.RunID, d.HistoryStep = "dataset", "data", st.run.ID, -1
	a, err := st.room.Create(st.t.Context(), st.p, d)
	if err != nil {
		st.t.Fatal(err)
	}
	return a
}

// put stores a body under a link, as the server's route does.
func (st *stage) put(link, body string) error {
	st.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		st.t.Fatal(err)
	}
	g, err := st.bucket.Verify("PUT", u, time.Now())
	if err != nil {
		st.t.Fatal(err)
	}
	info, err := st.bucket.Receive(st.t.Context(), g, strings.NewReader(body), int64(len(body)))
	if err == nil {
		err = st.room.FinishPut(st.t.Context(), g.Name, info)
	}
	return err
}

// send stores files that are not there yet and returns how many were sent.
func (st *stage) send(a ballast.Artifact, files map[string]string) (sent int) {
	st.t.Helper()
	var specs []artifact.FileSpec
	var bodies []string
	for path, content := range files {
		specs, bodies = append(specs, artifact.FileSpec{Path: path, MD5: sum(content)}), append(bodies, content)
	}
	ups, err := st.room.AddFiles(st.t.Context(), a, specs)
	if err != nil {
		st.t.Fatal(err)
	}
	for i, u := range ups {
		if u.URL == "" {
			continue
		}
		if !slices.Contains(u.Headers, "Content-MD5:"+base64.StdEncoding.EncodeToString(specs[i].MD5)) {
			st.t.Errorf("the headers of %s are %q, want the MD5 among them", specs[i].Path, u.Headers)
		}
		sent++
		if err := st.put(u.URL, bodies[i]); err != nil {
			st.t.Fatal(err)
		}
	}
	return sent
}

func (st *stage) manifest(a ballast.Artifact, kind ballast.ManifestKind, base int64, text string) {
	st.t.Helper()
	m, err := st.room.AddManifest(st.t.Context(), a, artifact.ManifestSpec{Name: "wandb_manifest.json", Kind: kind, BaseID: base, Digest: sum(text)})
	if err != nil {
		st.t.Fatal(err)
	}
	link, _, err := st.room.ManifestUpload(st.t.Context(), m)
	if err != nil {
		st.t.Fatal(err)
	}
	if err := st.put(link, text); err != nil {
		st.t.Fatal(err)
	}
}

// log does what a client does, and returns how many files it sent.
func (st *stage) log(files map[string]string, aliases ...string) (ballast.Artifact, int) {
	st.t.Helper()
	text, digest := manifestOf(files)
	a := st.create(artifact.Draft{Digest: digest, Dedupe: true, Aliases: aliases})
	if a.State == ballast.ArtifactCommitted {
		return a, 0
	}
	sent := st.send(a, files)
	st.manifest(a, ballast.ManifestFull, 0, text)
	a, err := st.room.Commit(st.t.Context(), a)
	if err != nil {
		st.t.Fatal(err)
	}
	return a, sent
}

func (st *stage) paths(a ballast.Artifact) map[string]string {
	st.t.Helper()
	files, _, err := st.room.Files(st.t.Context(), a, nil, "", 1000)
	if err != nil {
		st.t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = f.Digest
	}
	return out
}

func TestVersions(t *testing.T) {
	st := newStage(t)
	v0, sent := st.log(map[string]string{"a.txt": "hello", "b/c.txt": "world"}, "best")
	want := ballast.Artifact{State: ballast.ArtifactCommitted, Version: 0, Bytes: 10, Files: 2, Digest: "169ce122d7b477940eccd70028d680dc"}
	got := ballast.Artifact{State: v0.State, Version: v0.Version, Bytes: v0.Bytes, Files: v0.Files, Digest: v0.Digest}
	if diff := gocmp.Diff(want, got); diff != "" || sent != 2 {
		t.Errorf("the first version (-want +got):\n%s, %d files sent", diff, sent)
	}
	if same, sent := st.log(map[string]string{"a.txt": "hello", "b/c.txt": "world"}, "again"); same.ID != v0.ID || sent != 0 {
		t.Errorf("the same content made version %d of id %d, %d files sent", same.Version, same.ID, sent)
	}
	v1, sent := st.log(map[string]string{"a.txt": "hello", "b/c.txt": "changed", "same": "hello"}, "best")
	if v1.Version != 1 || sent != 1 {
		t.Errorf("a changed file: version %d, %d files sent, want 1 and 1", v1.Version, sent)
	}
	for name, want := range map[string]int64{"": 1, "latest": 1, "best": 1, "again": 0, "v0": 0, "v1": 1, v0.Digest: 0} {
		m, err := st.room.Lookup(t.Context(), v0.CollectionID, name)
		if err != nil || m.Version != want {
			t.Errorf("%q is version %d, %v, want %d", name, m.Version, err, want)
		}
	}
	for _, name := range []string{"v2", "nothing", "v99999999999999999999", strings.Repeat("0", 32)} {
		if _, err := st.room.Lookup(t.Context(), v0.CollectionID, name); !ballast.Is(err, ballast.NotFound) {
			t.Errorf("%q: %v, want NotFound", name, err)
		}
	}
}

func TestCommitRefuses(t *testing.T) {
	st := newStage(t)
	replaced := func(old, new string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, new, 1) }
	}
	for _, tt := range []struct {
		name   string
		digest string // "": the right one
		change func(text string) string
		unsent string // the file that is not stored
		want   string
	}{
		{"no manifest", "", func(string) string { return "" }, "", "no manifest"},
		{"a file is missing", "", replaced("", ""), "dir/two", `"dir/two" was not uploaded`},
		{"another size", "", replaced(`"size":20`, `"size":21`), "", `has 20 bytes, the manifest says 21`},
		{"another digest", strings.Repeat("0", 32), replaced("", ""), "", "was announced with"},
		{"no JSON", "", replaced("}}", ""), "", "manifest"},
		{"leaves the folder", "", replaced("dir/one", "../one"), "", "leaves"},
		{"absolute", "", replaced("dir/one", "/one"), "", "absolute"},
		{"not plain", "", replaced("dir/one", "dir//one"), "", "plain form"},
		{"twice", "", replaced("dir/one", "dir/two"), "", "twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st.t = t
			files := map[string]string{"dir/one": fmt.Sprintf("%-20.20s", "1 "+tt.name), "dir/two": fmt.Sprintf("%-20.20s", "2 "+tt.name)}
			text, digest := manifestOf(files)
			a := st.create(artifact.Draft{Digest: cmp.Or(tt.digest, digest)})
			delete(files, tt.unsent)
			st.send(a, files)
			if text = tt.change(text); text != "" {
				st.manifest(a, ballast.ManifestFull, 0, text)
			}
			_, err := st.room.Commit(t.Context(), a)
			if !ballast.Is(err, ballast.Invalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want Invalid with %q", err, tt.want)
			}
			var now ballast.Artifact
			err = st.db.Read(t.Context(), func(tx *meta.Tx) (err error) {
				now, err = tx.Artifact(a.ID)
				return err
			})
			if err != nil || now.State != ballast.ArtifactPending {
				t.Errorf("the draft is %s, %v", now.State, err)
			}
		})
	}
}

// TestRepairedDraft: what was missing is sent, and the draft commits.
func TestRepairedDraft(t *testing.T) {
	st := newStage(t)
	files := map[string]string{"a": "one", "b": "two"}
	text, digest := manifestOf(files)
	a := st.create(artifact.Draft{Digest: digest})
	st.manifest(a, ballast.ManifestFull, 0, text)
	if _, err := st.room.Commit(t.Context(), a); !ballast.Is(err, ballast.Invalid) {
		t.Fatalf("%v, want Invalid", err)
	}
	st.send(a, files)
	if got, err := st.room.Commit(t.Context(), a); err != nil || got.Version != 0 {
		t.Errorf("version %d, %v", got.Version, err)
	}
}

func TestWrongBytes(t *testing.T) {
	st := newStage(t)
	_, digest := manifestOf(map[string]string{"a": "right"})
	a := st.create(artifact.Draft{Digest: digest})
	ups, err := st.room.AddFiles(t.Context(), a, []artifact.FileSpec{{Path: "a", MD5: sum("right")}})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.put(ups[0].URL, "wrong"); !ballast.Is(err, ballast.Invalid) {
		t.Errorf("other bytes were stored: %v", err)
	}
	if err := st.put(ups[0].URL, "right"); err != nil {
		t.Error(err)
	}
}

// TestStoreThatTellsNothing: on a store that we do not serve, commit asks for
// what nobody reported.
func TestStoreThatTellsNothing(t *testing.T) {
	st := newStage(t)
	files := map[string]string{"a": "bytes"}
	text, digest := manifestOf(files)
	a := st.create(artifact.Draft{Digest: digest})
	ups, err := st.room.AddFiles(t.Context(), a, []artifact.FileSpec{{Path: "a", MD5: sum("bytes")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.bucket.Put(t.Context(), ups[0].Object, strings.NewReader("bytes"), -1); err != nil {
		t.Fatal(err)
	}
	st.manifest(a, ballast.ManifestFull, 0, text)
	if got, err := st.room.Commit(t.Context(), a); err != nil || got.Bytes != 5 {
		t.Errorf("%d bytes, %v", got.Bytes, err)
	}
}

func TestCommitAtOnce(t *testing.T) {
	st := newStage(t)
	text, digest := manifestOf(map[string]string{"a": "x"})
	a := st.create(artifact.Draft{Digest: digest})
	st.send(a, map[string]string{"a": "x"})
	st.manifest(a, ballast.ManifestFull, 0, text)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := st.room.Commit(context.Background(), a); err != nil || got.Version != 0 {
				t.Errorf("version %d, %v", got.Version, err)
			}
		})
	}
	wg.Wait()
	list, err := st.room.Versions(t.Context(), a.CollectionID, artifact.List{})
	if err != nil || len(list) != 1 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}

func TestIncremental(t *testing.T) {
	st := newStage(t)
	base, _ := st.log(map[string]string{"a": "1", "b": "2"})
	more := map[string]string{"b": "changed", "c": "new"}
	text, digest := manifestOf(more)
	a := st.create(artifact.Draft{Digest: digest})
	st.send(a, more)
	st.manifest(a, ballast.ManifestIncremental, base.ID, text)
	got, err := st.room.Commit(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": b64("1"), "b": b64("changed"), "c": b64("new")}
	if diff := gocmp.Diff(want, st.paths(got)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if _, whole := manifestOf(map[string]string{"a": "1", "b": "changed", "c": "new"}); got.Digest != whole {
		t.Errorf("digest %s, want that of the whole, %s", got.Digest, whole)
	}
	if diff := gocmp.Diff(map[string]string{"a": b64("1"), "b": b64("2")}, st.paths(base)); diff != "" {
		t.Errorf("the base was changed (-want +got):\n%s", diff)
	}
}

func TestDistributed(t *testing.T) {
	st := newStage(t)
	want := map[string]string{}
	var last ballast.Artifact
	for i := range 3 {
		part := map[string]string{fmt.Sprint("part", i): fmt.Sprint("by ", i)}
		text, digest := manifestOf(part)
		a := st.create(artifact.Draft{Digest: digest, Distributed: "group", Aliases: []string{fmt.Sprint("by", i)}, Dedupe: true})
		if i > 0 && a.ID != last.ID {
			t.Fatalf("writer %d got draft %d, want %d", i, a.ID, last.ID)
		}
		st.send(a, part)
		st.manifest(a, ballast.ManifestPatch, 0, text)
		last, want[fmt.Sprint("part", i)] = a, b64(fmt.Sprint("by ", i))
	}
	got, err := st.room.Commit(t.Context(), last)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, st.paths(got)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for i := range 3 {
		if _, err := st.room.Lookup(t.Context(), got.CollectionID, fmt.Sprint("by", i)); err != nil {
			t.Errorf("the alias of writer %d: %v", i, err)
		}
	}
}

func TestFilter(t *testing.T) {
	st := newStage(t)
	st.log(map[string]string{"a": "1"}, "first")
	v1, _ := st.log(map[string]string{"a": "22"})
	if _, err := st.room.Edit(t.Context(), v1, artifact.Edit{AddTags: []string{"good", "big one"}, Metadata: new(`{"loss":{"final":0.25}}`)}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		filter, order string
		want          []int64
	}{
		{"", "", []int64{1, 0}},
		{"", "+created_at", []int64{0, 1}},
		{"{}", "-size", []int64{1, 0}},
		{`{"state":"COMMITTED"}`, "+versionIndex", []int64{0, 1}},
		{`{"tags":{"$in":["good","other"]}}`, "", []int64{1}},
		{`{"tags":{"$ne":"good"}}`, "", []int64{0}},
		{`{"$or":[{"alias":"first"},{"aliases":"latest"}]}`, "", []int64{1, 0}},
		{`{"$and":[{"size":{"$gt":1}},{"metadata.loss.final":{"$lte":0.25}}]}`, "", []int64{1}},
		{`{"metadata.loss":{"$exists":false}}`, "", []int64{0}},
		{`{"$not":{"alias":{"$regex":"^fi"}}}`, "", []int64{1}},
		{`{"$nor":[{"size":1}]}`, "", []int64{1}},
	} {
		list, err := st.room.Versions(t.Context(), v1.CollectionID, artifact.List{Filter: tt.filter, Order: tt.order})
		var got []int64
		for _, v := range list {
			got = append(got, v.Number)
		}
		if !slices.Equal(got, tt.want) || err != nil {
			t.Errorf("%s %s: %v, %v, want %v", tt.filter, tt.order, got, err, tt.want)
		}
	}
	for _, bad := range []string{"{", "[]", `{"nothing":1}`, `{"size":{"$near":1}}`, `{"tags":{"$in":1}}`, `{"alias":{"$regex":"("}}`,
		strings.Repeat(`{"$not":`, 1000) + "{}" + strings.Repeat("}", 1000), strings.Repeat(`{"$and":[`, 1000) + "{}" + strings.Repeat("]}", 1000)} {
		if _, err := st.room.Versions(t.Context(), v1.CollectionID, artifact.List{Filter: bad}); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%.60s: %v, want Invalid", bad, err)
		}
	}
}

func TestDraftRefuses(t *testing.T) {
	st := newStage(t)
	_, digest := manifestOf(nil)
	good := artifact.Draft{Type: "dataset", Collection: "data", Digest: digest, HistoryStep: -1}
	for name, change := range map[string]func(*artifact.Draft){
		"no name":          func(d *artifact.Draft) { d.Collection = "" },
		"a slash":          func(d *artifact.Draft) { d.Collection = "a/b" },
		"a colon":          func(d *artifact.Draft) { d.Collection = "a:b" },
		"no type":          func(d *artifact.Draft) { d.Type = "" },
		"digest":           func(d *artifact.Draft) { d.Digest = "xyz" },
		"alias slash":      func(d *artifact.Draft) { d.Aliases = []string{"a/b"} },
		"alias colon":      func(d *artifact.Draft) { d.Aliases = []string{"a:b"} },
		"alias version":    func(d *artifact.Draft) { d.Aliases = []string{"v3"} },
		"long alias":       func(d *artifact.Draft) { d.Aliases = []string{strings.Repeat("x", 129)} },
		"tag":              func(d *artifact.Draft) { d.Tags = []string{"a!"} },
		"21 tags":          func(d *artifact.Draft) { d.Tags = slices.Repeat([]string{"a"}, 21) },
		"metadata no JSON": func(d *artifact.Draft) { d.Metadata = "[1]" },
	} {
		d := good
		change(&d)
		if _, err := st.room.Create(t.Context(), st.p, d); !ballast.Is(err, ballast.Invalid) {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	if _, err := st.room.Create(t.Context(), st.p, good); err != nil {
		t.Fatal(err)
	}
	good.Type = "model"
	if _, err := st.room.Create(t.Context(), st.p, good); !ballast.Is(err, ballast.Conflict) {
		t.Errorf("another type: %v, want Conflict", err)
	}
}

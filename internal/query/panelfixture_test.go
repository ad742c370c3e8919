package query

import (
	"encoding/base64"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the packed panel that the screens' tests read")

// TestPanelFixture keeps the packed panel that the screens' tests decode
// (ui/src/data/panel.test.ts) as this room packs it.
func TestPanelFixture(t *testing.T) {
	const path = "../../ui/src/data/testdata/panel-v1.base64"
	data, err := samplePanel().AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := base64.StdEncoding.EncodeToString(data) + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the server packs: go test ./internal/query -run TestPanelFixture -update, and mend the decoder", path)
	}
}

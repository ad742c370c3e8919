package terraform_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/test/terraform/stub"
)

// wide are the places where "*" is the narrowest form that AWS has, by type
// and statement; docs/terraform/aws.md lists them.
var wide = map[string]bool{
	"aws_kms_key Account":          true, // a key's policy speaks of its own key; the account's policies decide
	"aws_kms_key Logs":             true,
	"aws_kms_key Notices":          true,
	"aws_s3_bucket_policy TLSOnly": true, // a denial leaves nobody and nothing out
}

// leastPrivilege looks at every policy that the modules made.
func leastPrivilege(t *testing.T, w *stub.World) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range w.Records {
		for _, name := range []string{"policy", "assume_role_policy"} {
			body, _ := r.Attrs[name].(string)
			if body == "" {
				continue
			}
			var doc struct{ Statement []map[string]any }
			if err := json.Unmarshal([]byte(body), &doc); err != nil {
				t.Errorf("%s %s: %v", r.Type, r.ID, err)
			}
			for _, s := range doc.Statement {
				place := fmt.Sprintf("%s %v", r.Type, s["Sid"])
				if broad(s) {
					seen[place] = true
				}
				if broad(s) && !wide[place] {
					t.Errorf("%s %s: the statement %v grants more than it names: %v", r.Type, r.ID, s["Sid"], s)
				}
			}
		}
	}
	for place := range wide {
		if !seen[place] {
			t.Errorf("the list of wide statements has %q, which is not there", place)
		}
	}
	for _, r := range w.Of("aws_iam_role_policy_attachment") {
		if role, _ := r.Attrs["role"].(string); strings.HasSuffix(role, "-node") && !strings.Contains(r.Attrs["policy_arn"].(string), ":iam::aws:policy/AmazonE") {
			t.Errorf("the nodes' role has %v", r.Attrs["policy_arn"])
		}
	}
}

// broad reports whether a statement has a "*" alone, or in an action.
func broad(s map[string]any) bool {
	return strings.Contains(fmt.Sprint(s["Action"]), "*") || everything(s["Resource"]) || everything(s["Principal"])
}

func everything(v any) bool {
	if l, ok := v.([]any); ok {
		for _, e := range l {
			if e == "*" {
				return true
			}
		}
	}
	return v == "*"
}

// noSecrets looks for passwords in the state: Terraform makes none, so each
// attribute that could hold one is empty.
func noSecrets(t *testing.T, r *root) {
	t.Helper()
	body, err := os.ReadFile(r.dir + "/terraform.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Mode, Type string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	if err := json.Unmarshal(body, &state); err != nil {
		t.Fatal(err)
	}
	for _, res := range state.Resources {
		if strings.HasPrefix(res.Type, "random_") || strings.HasPrefix(res.Type, "tls_") {
			t.Errorf("%s keeps what it makes in the state", res.Type)
		}
		for _, i := range res.Instances {
			for _, name := range []string{"master_password", "auth_token", "secret_string", "passwords"} {
				if v := i.Attributes[name]; v != nil && v != "" {
					t.Errorf("%s has %s in the state", res.Type, name)
				}
			}
		}
	}
}

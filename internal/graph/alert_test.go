package graph

import (
	"strings"
	"testing"
)

// TestAlert sends what run.alert sends and lists it.
func TestAlert(t *testing.T) {
	s := newStage(t)
	s.run("r")
	document := s.document("0.31.0", "NotifyScriptableRunAlert")
	alert := func(more map[string]any) answer {
		vars := map[string]any{"entityName": "red", "projectName": "secret", "runName": "r", "title": "low", "text": "acc is low"}
		for k, v := range more {
			vars[k] = v
		}
		return s.do("member", document, vars)
	}
	for _, more := range []map[string]any{{"severity": "ERROR", "waitDuration": 300000}, {}, {"title": "other", "severity": "WARN"}} {
		if a := alert(more); a.Failed || a.at("notifyScriptableRunAlert.success") != true {
			t.Fatalf("%v: %s", more, a.Body)
		}
	}
	a := s.must("viewer", runQuery("alerts{title text severity createdAt} one:alerts(first:1){title}"), map[string]any{"r": "r"})
	if n := len(a.at("project.run.alerts").([]any)); n != 2 { // one came again within a minute
		t.Errorf("%d alerts: %s", n, a.Body)
	}
	if !strings.Contains(string(a.Body), `{"title":"low","text":"acc is low","severity":"ERROR"`) || !strings.Contains(string(a.Body), `"one":[{"title":"other"}]`) {
		t.Errorf("%s", a.Body)
	}
	for want, more := range map[string]map[string]any{"at most": {"title": strings.Repeat("x", 1001)}, "not found": {"runName": "nobody"}, "AlertSeverity": {"severity": "LOUD"}} {
		if a := alert(more); len(a.Errors) == 0 || !strings.Contains(string(a.Body), want) && want != "not found" {
			t.Errorf("%v: %.300s", more, a.Body)
		}
	}
}

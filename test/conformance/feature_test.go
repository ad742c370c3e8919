package conformance_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/ballast-ml/ballast/internal/graph"
)

// feature is a switch that the SDK asks the server for.
type feature struct {
	number int
	name   string
	on     bool
	why    string // the scenario that needs it, or why it is off
}

// shown ties each switch that is on to the scenario which would fail without
// what it promises.
var shown = map[string]string{
	"ARTIFACT_TAGS":                        "test_artifact.py::test_aliases_tags_and_edits",
	"CLIENT_IDS":                           "test_artifact.py::test_reference_to_an_artifact",
	"ARTIFACT_COLLECTION_MEMBERSHIP_FILES": "test_artifact.py::test_log_and_use",
	"ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER": "test_artifact.py::test_log_and_use",
	"PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP":               "test_artifact.py::test_log_and_use",
	"USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION":     "test_artifact.py::test_log_and_use",
	"ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE":        "test_artifact.py::test_link",
	"ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID":    "test_artifact.py::test_log_and_use",
	"TOTAL_COUNT_IN_FILE_CONNECTION":                       "test_feature.py::test_count_of_files",
	"ARTIFACT_COLLECTIONS_FILTERING_SORTING":               "test_feature.py::test_collections_filtered",
	"STRUCTURED_CONSOLE_LOGS":                              "test_log.py::test_console_with_progress_bars",
	"EXPAND_DEFINED_METRIC_GLOBS":                          "test_log.py::test_define_metric",
	"MARK_RUN_FILES_UPLOADED":                              "test_api.py::test_files_of_a_run",
	"LARGE_FILENAMES":                                      "test_log.py::test_files",
	"FILESTREAM_GZIP":                                      "test_feature.py::test_gzip",
}

// lacking says what each switch that is off would need.
var lacking = map[string]string{
	"ARTIFACT_REGISTRY_SEARCH":                    "the registry: Organization.orgEntity, and collections and versions across its projects",
	"INCLUDE_ARTIFACT_TYPES_IN_REGISTRY_CREATION": "the registry: UpsertModelInput.artifactTypes",
	"ARTIFACT_DIGEST_ALGORITHM":                   "XXH128 digests of contents and manifests; Entity.xxhashDigestsEnabled is false, so that clients use MD5",
	"SWEEPS_QUERY_FILTERING":                      "sweeps",
	"SWEEPS_LOCAL_SCHEDULER":                      "sweeps",
	"EVAL_TABLES_CES":                             "a service of its own under /evaluations",
	"AUTOMATION_EVENT_RUN_METRIC":                 "automations",
	"AUTOMATION_EVENT_RUN_METRIC_CHANGE":          "automations",
	"AUTOMATION_EVENT_RUN_METRIC_ZSCORE":          "automations",
	"AUTOMATION_EVENT_RUN_STATE":                  "automations",
	"AUTOMATION_EVENT_ADD_ARTIFACT_TAG":           "automations",
	"AUTOMATION_EVENT_ADD_COLLECTION_TAG":         "automations",
	"AUTOMATION_EVENT_REMOVE_ARTIFACT_TAG":        "automations",
	"AUTOMATION_EVENT_REMOVE_COLLECTION_TAG":      "automations",
	"AUTOMATION_EVENT_UNLINK_ARTIFACT":            "automations",
	"AUTOMATION_ACTION_NO_OP":                     "automations",
	"AUTOMATION_ACTION_PUSH_NOTIFICATION":         "automations",
	"AUTOMATION_ACTION_ARIA":                      "automations",
	"AUTOMATION_SCOPE_ENTITY":                     "automations",
	"AUTOMATION_LAST_EXECUTED_AT":                 "automations",
	"AUTOMATIONS_ON_USER":                         "automations",
	"AUTOMATIONS_ON_ORGANIZATION":                 "automations",
	"QUERY_AUTOMATIONS_ON_ENTITY":                 "automations",
}

// announced is what the server says to serverInfo.features.
func announced(t *testing.T) map[string]bool {
	t.Helper()
	g, err := graph.New(graph.Options{Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	got := g.Do(t.Context(), graph.Call{Body: []byte(`{"query":"{serverInfo{features{name isEnabled}}}"}`)})
	var reply struct {
		Data struct {
			ServerInfo struct {
				Features []struct {
					Name      string
					IsEnabled bool
				}
			}
		}
	}
	if err := json.Unmarshal(got.Body, &reply); err != nil {
		t.Fatalf("%s: %v", got.Body, err)
	}
	on := map[string]bool{}
	for _, f := range reply.Data.ServerInfo.Features {
		on[f.Name] = f.IsEnabled
	}
	return on
}

// features are all switches that the packages know, each on with a scenario or
// off with a reason.
func features(t *testing.T, versions []sdk) []feature {
	t.Helper()
	numbers := map[string]int{}
	for _, v := range versions {
		maps.Copy(numbers, v.Features)
	}
	on := announced(t)
	for name := range on {
		if numbers[name] == 0 {
			t.Errorf("switch %s is announced and no version knows it", name)
		}
	}
	var all []feature
	for name, number := range numbers {
		f := feature{number: number, name: name, on: on[name]}
		if scenario := shown[name]; f.on {
			mustBeThere(t, scenario)
			f.why = scenario
		} else {
			f.why = "needs " + lacking[name]
		}
		if f.on && lacking[name] != "" || !f.on && (shown[name] != "" || lacking[name] == "") {
			t.Errorf("switch %s is on: %v; it belongs into exactly one of the tables shown and lacking", name, f.on)
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b feature) int { return a.number - b.number })
	return all
}

package graph

import (
	"context"

	"github.com/ballast-ml/ballast/internal/graph/generated"
)

// features are the switches that are on (PROTOCOL section 2.4). One is added
// only together with what it promises.
var features = []string{
	"LARGE_FILENAMES",
	"ARTIFACT_TAGS",
	"CLIENT_IDS",
	"ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
	"ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER",
	"PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
	"USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
	"ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
	"ARTIFACT_COLLECTIONS_FILTERING_SORTING",
	"ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID",
	"STRUCTURED_CONSOLE_LOGS",
	"EXPAND_DEFINED_METRIC_GLOBS",
	"TOTAL_COUNT_IN_FILE_CONNECTION",
	"ARTIFACT_COLLECTIONS_FILTERING_SORTING",
	"MARK_RUN_FILES_UPLOADED",
	"FILESTREAM_GZIP",
}

func (r queryResolver) ServerInfo(context.Context) (*generated.ServerInfo, error) {
	info := &generated.ServerInfo{
		Version: r.version,
		// The SDK compares its own version with these; a high one keeps it from
		// falling back to what servers of old could do.
		CliVersionInfo: map[string]string{"max_cli_version": "99.0.0", "min_cli_version": "0.20.0"},
		LatestLocalVersionInfo: &generated.LocalVersionInfo{
			LatestVersionString: r.version, VersionOnThisInstanceString: r.version,
		},
	}
	for _, name := range features {
		info.Features = append(info.Features, &generated.ServerFeature{Name: name, IsEnabled: true})
	}
	return info, nil
}

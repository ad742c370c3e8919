package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/graph/generated"
)

// What the SDK can ask for and this server does not have yet. The schema has
// it, so that one document that asks for much fails at nothing: lists are
// empty, objects are null, and what would make or change something is refused.

func unbuilt(subject string) error {
	return ballast.Errorf(ballast.Unsupported, "%s not available on this server", subject)
}

// unserved refuses a mutation whose input says something that the server cannot
// do (@unserved in the schema).
func unserved(f *ast.Field, variables map[string]any) error {
	input := f.Arguments.ForName("input")
	if input == nil || input.Value.Definition == nil {
		return nil
	}
	got, err := input.Value.Value(variables)
	if err != nil {
		return nil // the engine says why
	}
	members, _ := got.(map[string]any)
	for _, m := range input.Value.Definition.Fields {
		if v := members[m.Name]; v != nil && v != false && m.Directives.ForName("unserved") != nil {
			return ballast.Errorf(ballast.Unsupported, "%s: %s of %s is not available on this server; leave it out", f.Name, m.Name, input.Value.Definition.Name)
		}
	}
	return nil
}

func (mutationResolver) UpsertSweep(context.Context, generated.UpsertSweepInput) (*generated.UpsertSweepPayload, error) {
	return nil, unbuilt("sweeps are")
}

func (mutationResolver) CreateAgent(context.Context, generated.CreateAgentInput) (*generated.CreateAgentPayload, error) {
	return nil, unbuilt("sweeps are")
}

func (mutationResolver) AgentHeartbeat(context.Context, generated.AgentHeartbeatInput) (*generated.AgentHeartbeatPayload, error) {
	return nil, unbuilt("sweeps are")
}

func (mutationResolver) EnqueueSweepRun(context.Context, generated.EnqueueSweepRunInput) (*generated.EnqueueSweepRunPayload, error) {
	return nil, unbuilt("sweeps are")
}

func (mutationResolver) AckRunQueueItem(context.Context, generated.AckRunQueueItemInput) (*generated.AckRunQueueItemPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) CreateDefaultResourceConfig(context.Context, generated.CreateDefaultResourceConfigInput) (*generated.CreateDefaultResourceConfigPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) CreateLaunchAgent(context.Context, generated.CreateLaunchAgentInput) (*generated.CreateLaunchAgentPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) CreateRunQueue(context.Context, generated.CreateRunQueueInput) (*generated.CreateRunQueuePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) DeleteFromRunQueue(context.Context, generated.DeleteFromRunQueueInput) (*generated.DeleteFromRunQueuePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) DeleteRunQueues(context.Context, generated.DeleteRunQueuesInput) (*generated.DeleteRunQueuesPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) FailRunQueueItem(context.Context, generated.FailRunQueueItemInput) (*generated.FailRunQueueItemPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) PopFromRunQueue(context.Context, generated.PopFromRunQueueInput) (*generated.PopFromRunQueuePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) PushToRunQueue(context.Context, generated.PushToRunQueueInput) (*generated.PushToRunQueuePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) PushToRunQueueByName(context.Context, generated.PushToRunQueueByNameInput) (*generated.PushToRunQueueByNamePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) UpdateLaunchAgent(context.Context, generated.UpdateLaunchAgentInput) (*generated.UpdateLaunchAgentPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) UpdateRunQueueItemWarning(context.Context, generated.UpdateRunQueueItemWarningInput) (*generated.UpdateRunQueueItemWarningPayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) UpsertRunQueue(context.Context, generated.UpsertRunQueueInput) (*generated.UpsertRunQueuePayload, error) {
	return nil, unbuilt("launch is")
}

func (mutationResolver) CreateFilterTrigger(context.Context, generated.CreateFilterTriggerInput) (*generated.CreateFilterTriggerPayload, error) {
	return nil, unbuilt("automations are")
}

func (mutationResolver) UpdateFilterTrigger(context.Context, generated.UpdateFilterTriggerInput) (*generated.UpdateFilterTriggerPayload, error) {
	return nil, unbuilt("automations are")
}

func (mutationResolver) DeleteTrigger(context.Context, generated.DeleteTriggerInput) (*generated.DeleteTriggerPayload, error) {
	return nil, unbuilt("automations are")
}

func (mutationResolver) CreateGenericWebhookIntegration(context.Context, generated.CreateGenericWebhookIntegrationInput) (*generated.CreateGenericWebhookIntegrationPayload, error) {
	return nil, unbuilt("automations are")
}

func (mutationResolver) CreateProjectMembers(context.Context, generated.CreateProjectMembersInput) (*generated.CreateProjectMembersPayload, error) {
	return nil, unbuilt("the registry is")
}

func (mutationResolver) DeleteProjectMembers(context.Context, generated.DeleteProjectMembersInput) (*generated.DeleteProjectMembersPayload, error) {
	return nil, unbuilt("the registry is")
}

func (mutationResolver) UpdateProjectMember(context.Context, generated.UpdateProjectMemberInput) (*generated.UpdateProjectMemberPayload, error) {
	return nil, unbuilt("the registry is")
}

func (mutationResolver) UpdateProjectTeamMember(context.Context, generated.UpdateProjectTeamMemberInput) (*generated.UpdateProjectTeamMemberPayload, error) {
	return nil, unbuilt("the registry is")
}

func (mutationResolver) CreateCustomChart(context.Context, generated.CreateCustomChartInput) (*generated.CreateCustomChartPayload, error) {
	return nil, unbuilt("custom charts are")
}

func (queryResolver) LaunchAgent(context.Context, string) (*generated.LaunchAgent, error) {
	return nil, nil
}

func (projectResolver) Sweep(context.Context, *ballast.Project, string) (*generated.Sweep, error) {
	return nil, nil
}

func (projectResolver) Sweeps(context.Context, *ballast.Project, *string, *int, string) (*generated.SweepConnection, error) {
	return &generated.SweepConnection{Edges: []*generated.SweepEdge{}, PageInfo: &generated.PageInfo{}}, nil
}

func (projectResolver) TotalSweeps(context.Context, *ballast.Project) (int, error) { return 0, nil }

func (projectResolver) RunQueue(context.Context, *ballast.Project, string) (*generated.RunQueue, error) {
	return nil, nil
}

func (projectResolver) RunQueues(context.Context, *ballast.Project) ([]*generated.RunQueue, error) {
	return []*generated.RunQueue{}, nil
}

func (projectResolver) Triggers(context.Context, *ballast.Project) ([]*generated.Trigger, error) {
	return []*generated.Trigger{}, nil
}

func (projectResolver) AllowAllArtifactTypesInRegistry(context.Context, *ballast.Project) (bool, error) {
	return false, nil
}

func (projectResolver) Members(context.Context, *ballast.Project) ([]*generated.ProjectMember, error) {
	return []*generated.ProjectMember{}, nil
}

func (projectResolver) TeamMembers(context.Context, *ballast.Project) ([]*generated.ProjectTeamMember, error) {
	return []*generated.ProjectTeamMember{}, nil
}

func (entityResolver) Triggers(context.Context, *ballast.Entity, *string, *int, *string, *string) (*generated.TriggerConnection, error) {
	return noTriggers(), nil
}

func noTriggers() *generated.TriggerConnection {
	return &generated.TriggerConnection{Edges: []*generated.TriggerEdge{}, PageInfo: &generated.PageInfo{}}
}

func (entityResolver) Integrations(context.Context, *ballast.Entity, *string, *int) (*generated.IntegrationConnection, error) {
	return &generated.IntegrationConnection{Edges: []*generated.IntegrationEdge{}, PageInfo: &generated.PageInfo{}}, nil
}

func (entityResolver) DefaultResourceConfig(context.Context, *ballast.Entity, string) (*generated.DefaultResourceConfig, error) {
	return nil, nil
}

func (entityResolver) ArtifactCollections(context.Context, *ballast.Entity, *string, *string, []generated.ArtifactCollectionType, *string, *int, *string) (*generated.ArtifactCollectionConnection, error) {
	return nil, nil
}

func (entityResolver) ArtifactMemberships(context.Context, *ballast.Entity, *string, *string, *string, *string, *int, *string) (*generated.ArtifactCollectionMembershipConnection, error) {
	return nil, nil
}

func (organizationResolver) Triggers(context.Context, *generated.Organization, *int, *string, *string, *string) (*generated.TriggerConnection, error) {
	return noTriggers(), nil
}

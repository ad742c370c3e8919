package stub

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Provider serves one provider's schemas over a [World].
type Provider struct {
	tfprotov6.ProviderServer // nil: what is not written below is never called

	Name        string // "aws"
	world       string // the world's file
	schemas     providerSchema
	wire        *tfprotov6.GetProviderSchemaResponse
	replacement map[string][]string
	config      map[string]any
}

// New returns the provider that a program's name asks for:
// terraform-provider-NAME_vVERSION.
func New(program, world string) (*Provider, error) {
	name, version, ok := strings.Cut(strings.TrimPrefix(program, "terraform-provider-"), "_v")
	if !ok {
		return nil, fmt.Errorf("program %q is not named terraform-provider-NAME_vVERSION", program)
	}
	p := &Provider{Name: name, world: world}
	var err error
	if p.schemas, err = readSchemas(name + "@" + version); err != nil {
		return nil, err
	}
	if p.replacement, err = readReplacement(); err != nil {
		return nil, err
	}
	p.wire, err = p.schemas.wire()
	return p, err
}

func (s providerSchema) wire() (*tfprotov6.GetProviderSchemaResponse, error) {
	out := &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
		ResourceSchemas:    map[string]*tfprotov6.Schema{},
		DataSourceSchemas:  map[string]*tfprotov6.Schema{},
	}
	var err error
	if out.Provider, err = s.Provider.wire(); err != nil {
		return nil, err
	}
	for name, one := range s.Resources {
		if out.ResourceSchemas[name], err = one.wire(); err != nil {
			return nil, fmt.Errorf("resource %s: %w", name, err)
		}
	}
	for name, one := range s.DataSources {
		if out.DataSourceSchemas[name], err = one.wire(); err != nil {
			return nil, fmt.Errorf("data source %s: %w", name, err)
		}
	}
	return out, nil
}

func (p *Provider) resourceType(kind string) tftypes.Type {
	return p.wire.ResourceSchemas[kind].ValueType()
}

// decodeObject decodes an object; nil when it is null.
func decodeObject(d *tfprotov6.DynamicValue, t tftypes.Type) (map[string]any, error) {
	v, err := decode(d, t)
	m, _ := v.(map[string]any)
	return m, err
}

// wrong is what Terraform shows of an error.
func wrong(err error) []*tfprotov6.Diagnostic {
	if err == nil {
		return nil
	}
	return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: err.Error()}}
}

func (p *Provider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	out := &tfprotov6.GetMetadataResponse{ServerCapabilities: p.wire.ServerCapabilities}
	for name := range p.schemas.Resources {
		out.Resources = append(out.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range p.schemas.DataSources {
		out.DataSources = append(out.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return out, nil
}

func (p *Provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return p.wire, nil
}

func (p *Provider) ValidateProviderConfig(_ context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (p *Provider) ConfigureProvider(_ context.Context, r *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	var err error
	p.config, err = decodeObject(r.Config, p.wire.Provider.ValueType())
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: wrong(err)}, nil
}

func (p *Provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (p *Provider) ValidateResourceConfig(_ context.Context, r *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	attrs, err := decodeObject(r.Config, p.resourceType(r.TypeName))
	if err == nil {
		err = valid(r.TypeName, attrs)
	}
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: wrong(err)}, nil
}

func (p *Provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p *Provider) UpgradeResourceState(_ context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	t := p.resourceType(r.TypeName)
	v, err := r.RawState.Unmarshal(t)
	if err != nil {
		return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: wrong(err)}, nil
	}
	d, err := tfprotov6.NewDynamicValue(t, v)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &d, Diagnostics: wrong(err)}, nil
}

// ReadResource finds out whether the thing is still there.
func (p *Provider) ReadResource(_ context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	out := &tfprotov6.ReadResourceResponse{NewState: r.CurrentState}
	t := p.resourceType(r.TypeName)
	attrs, err := decodeObject(r.CurrentState, t)
	if err == nil {
		err = Change(p.world, func(w *World) error {
			if w.Find(r.TypeName, text(attrs, "id")) == nil {
				out.NewState, err = encode(nil, t)
			}
			return err
		})
	}
	out.Diagnostics = wrong(err)
	return out, nil
}

func (p *Provider) PlanResourceChange(_ context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	out := &tfprotov6.PlanResourceChangeResponse{PlannedState: r.ProposedNewState, UnsafeToUseLegacyTypeSystem: true}
	t := p.resourceType(r.TypeName)
	prior, err := decodeObject(r.PriorState, t)
	proposed, err2 := decodeObject(r.ProposedNewState, t)
	if err = errors.Join(err, err2); err != nil || proposed == nil {
		out.Diagnostics = wrong(err)
		return out, nil
	}
	planned := p.plan(r.TypeName, p.schemas.Resources[r.TypeName].Block, prior, proposed)
	if prior != nil {
		for _, name := range p.replaced(r.TypeName, prior, planned) {
			out.RequiresReplace = append(out.RequiresReplace, tftypes.NewAttributePath().WithAttributeName(name))
		}
	}
	out.PlannedState, err = encode(planned, t)
	out.Diagnostics = wrong(err)
	return out, nil
}

func (p *Provider) ApplyResourceChange(_ context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	out := &tfprotov6.ApplyResourceChangeResponse{NewState: r.PriorState, UnsafeToUseLegacyTypeSystem: true}
	t := p.resourceType(r.TypeName)
	prior, err := decodeObject(r.PriorState, t)
	planned, err2 := decodeObject(r.PlannedState, t)
	if err = errors.Join(err, err2); err == nil {
		err = Change(p.world, func(w *World) error {
			state, err := p.apply(w, r.TypeName, prior, planned)
			if err != nil {
				return err
			}
			out.NewState, err = encode(state, t)
			return err
		})
	}
	out.Diagnostics = wrong(err)
	return out, nil
}

// apply makes, changes or removes one thing and returns its state, nil when
// it is gone.
func (p *Provider) apply(w *World, kind string, prior, planned map[string]any) (any, error) {
	if planned == nil {
		if err := refuseDeletion(w, kind, prior); err != nil {
			return nil, fmt.Errorf("deleting %s %s: %w", kind, text(prior, "id"), err)
		}
		w.remove(kind, text(prior, "id"))
		return nil, nil
	}
	if prior == nil && w.Break > 0 && w.Made >= w.Break {
		return nil, fmt.Errorf("creating %s: RequestError: the connection was lost", kind)
	}
	if err := p.refuse(w, kind, prior, planned); err != nil {
		return nil, fmt.Errorf("creating %s %s: %w", kind, nameOf(planned), err)
	}
	state := settle(p.schemas.Resources[kind].Block, planned, p.tell(w, kind, prior, planned))
	id := text(state, "id")
	if prior == nil {
		w.Made++
		w.Records = append(w.Records, &Record{Type: kind, ID: id, Attrs: state})
	} else if r := w.Find(kind, id); r != nil {
		r.Attrs = state
	}
	return state, nil
}

func (p *Provider) ReadDataSource(_ context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	out := &tfprotov6.ReadDataSourceResponse{}
	t := p.wire.DataSourceSchemas[r.TypeName].ValueType()
	asked, err := decodeObject(r.Config, t)
	if err == nil {
		err = Change(p.world, func(w *World) error {
			found, err := p.look(w, r.TypeName, asked)
			if err != nil {
				return fmt.Errorf("reading %s: %w", r.TypeName, err)
			}
			out.State, err = encode(found, t)
			return err
		})
	}
	out.Diagnostics = wrong(err)
	return out, nil
}

func (p *Provider) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{}, nil
}

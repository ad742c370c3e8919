// Package stub is the providers that Terraform runs with when there is no
// AWS: the real schemas, a world kept in a file, and refusals like AWS's.
package stub

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

//go:embed facts/provider-schemas.json.gz
var schemasGz []byte

//go:embed facts/aws-forces-replacement.json
var replacementJSON []byte

// The form of "terraform providers schema -json".
type (
	providerSchema struct {
		Provider    schema            `json:"provider"`
		Resources   map[string]schema `json:"resource_schemas"`
		DataSources map[string]schema `json:"data_source_schemas"`
	}
	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}
	block struct {
		Attributes map[string]attribute `json:"attributes"`
		Blocks     map[string]nested    `json:"block_types"`
	}
	attribute struct {
		Type      json.RawMessage `json:"type"`
		Nested    *object         `json:"nested_type"`
		Required  bool            `json:"required"`
		Optional  bool            `json:"optional"`
		Computed  bool            `json:"computed"`
		Sensitive bool            `json:"sensitive"`
		WriteOnly bool            `json:"write_only"`
	}
	object struct {
		Attributes map[string]attribute `json:"attributes"`
		Mode       string               `json:"nesting_mode"`
	}
	nested struct {
		Mode  string `json:"nesting_mode"`
		Block block  `json:"block"`
		Min   int64  `json:"min_items"`
		Max   int64  `json:"max_items"`
	}
)

// readSchemas finds one provider's schemas by its key, such as aws@5.31.0.
func readSchemas(key string) (providerSchema, error) {
	z, err := gzip.NewReader(bytes.NewReader(schemasGz))
	if err != nil {
		return providerSchema{}, fmt.Errorf("reading the schemas: %w", err)
	}
	var all struct {
		Schemas map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		return providerSchema{}, fmt.Errorf("reading the schemas: %w", err)
	}
	one, ok := all.Schemas[key]
	if !ok {
		return providerSchema{}, fmt.Errorf("there are no schemas of %s; there are: %v", key, slices.Sorted(maps.Keys(all.Schemas)))
	}
	var s providerSchema
	if err := json.Unmarshal(one, &s); err != nil {
		return s, fmt.Errorf("reading the schemas of %s: %w", key, err)
	}
	s.describe()
	return s, nil
}

// described are the types with an attribute "description", and whether it must
// be given: the facts came without everything of that name.
var described = map[string]bool{
	"aws_db_subnet_group": false, "aws_elasticache_parameter_group": false, "aws_elasticache_replication_group": true,
	"aws_elasticache_subnet_group": false, "aws_iam_policy": false, "aws_iam_role": false, "aws_kms_key": false,
	"aws_launch_template": false, "aws_rds_cluster_parameter_group": false, "aws_secretsmanager_secret": false,
	"aws_security_group": false, "aws_vpc_security_group_egress_rule": false, "aws_vpc_security_group_ingress_rule": false,
	"helm_release": false,
}

func (s providerSchema) describe() {
	for kind, required := range described {
		if r, ok := s.Resources[kind]; ok {
			r.Block.Attributes["description"] = attribute{Type: json.RawMessage(`"string"`), Required: required, Optional: !required}
		}
	}
}

// readReplacement says by type which attributes' change makes a resource anew.
func readReplacement() (map[string][]string, error) {
	var m map[string][]string
	if err := json.Unmarshal(replacementJSON, &m); err != nil {
		return nil, fmt.Errorf("reading what forces replacement: %w", err)
	}
	return m, nil
}

var blockModes = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle, "group": tfprotov6.SchemaNestedBlockNestingModeGroup,
	"list": tfprotov6.SchemaNestedBlockNestingModeList, "set": tfprotov6.SchemaNestedBlockNestingModeSet,
	"map": tfprotov6.SchemaNestedBlockNestingModeMap,
}

var objectModes = map[string]tfprotov6.SchemaObjectNestingMode{
	"single": tfprotov6.SchemaObjectNestingModeSingle, "list": tfprotov6.SchemaObjectNestingModeList,
	"set": tfprotov6.SchemaObjectNestingModeSet, "map": tfprotov6.SchemaObjectNestingModeMap,
}

func (s schema) wire() (*tfprotov6.Schema, error) {
	b, err := s.Block.wire()
	return &tfprotov6.Schema{Version: s.Version, Block: b}, err
}

func (b block) wire() (*tfprotov6.SchemaBlock, error) {
	attrs, err := wireAttributes(b.Attributes)
	if err != nil {
		return nil, err
	}
	out := &tfprotov6.SchemaBlock{Attributes: attrs}
	for _, name := range slices.Sorted(maps.Keys(b.Blocks)) {
		n := b.Blocks[name]
		inner, err := n.Block.wire()
		if err != nil {
			return nil, err
		}
		out.BlockTypes = append(out.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: inner, Nesting: blockModes[n.Mode], MinItems: n.Min, MaxItems: n.Max,
		})
	}
	return out, nil
}

func wireAttributes(all map[string]attribute) ([]*tfprotov6.SchemaAttribute, error) {
	var out []*tfprotov6.SchemaAttribute
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		w := &tfprotov6.SchemaAttribute{
			Name: name, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		var err error
		if a.Nested != nil {
			w.NestedType = &tfprotov6.SchemaObject{Nesting: objectModes[a.Nested.Mode]}
			w.NestedType.Attributes, err = wireAttributes(a.Nested.Attributes)
		} else {
			w.Type, err = tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the only reader of this form
		}
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		out = append(out, w)
	}
	return out, nil
}

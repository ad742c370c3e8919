package stub

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Where the world is.
const (
	account   = "123456789012"
	partition = "aws"
)

func (p *Provider) region() string {
	if r := text(p.config, "region"); r != "" {
		return r
	}
	return "us-east-1"
}

func (p *Provider) zones() []string {
	r := p.region()
	return []string{r + "a", r + "b", r + "c"}
}

// prefixes are what ids begin with that AWS makes up.
var prefixes = map[string]string{
	"aws_vpc": "vpc-", "aws_subnet": "subnet-", "aws_security_group": "sg-", "aws_internet_gateway": "igw-",
	"aws_egress_only_internet_gateway": "eigw-", "aws_eip": "eipalloc-", "aws_nat_gateway": "nat-", "aws_route_table": "rtb-",
	"aws_route": "r-", "aws_route_table_association": "rtbassoc-", "aws_vpc_endpoint": "vpce-", "aws_launch_template": "lt-",
	"aws_vpc_security_group_ingress_rule": "sgr-", "aws_vpc_security_group_egress_rule": "sgr-", "aws_flow_log": "fl-",
	"aws_default_security_group": "sg-", "aws_eks_pod_identity_association": "a-",
}

// naming is the attribute that a type's id is.
var naming = map[string]string{
	"aws_eks_cluster": "name", "aws_s3_bucket": "bucket", "aws_rds_cluster": "cluster_identifier", "aws_rds_cluster_instance": "identifier",
	"aws_db_subnet_group": "name", "aws_rds_cluster_parameter_group": "name", "aws_iam_role": "name", "aws_kms_alias": "name",
	"aws_elasticache_subnet_group": "name", "aws_elasticache_parameter_group": "name", "aws_elasticache_replication_group": "replication_group_id",
	"aws_elasticache_user": "user_id", "aws_elasticache_user_group": "user_group_id", "aws_cloudwatch_log_group": "name",
	"aws_s3_bucket_policy": "bucket", "aws_s3_bucket_notification": "bucket", "aws_s3_bucket_versioning": "bucket",
	"aws_s3_bucket_cors_configuration": "bucket", "aws_s3_bucket_lifecycle_configuration": "bucket",
	"aws_s3_bucket_public_access_block": "bucket", "aws_s3_bucket_ownership_controls": "bucket",
	"aws_s3_bucket_server_side_encryption_configuration": "bucket", "helm_release": "name",
}

// tell is what AWS answers about a new or changed thing: its computed attributes.
func (p *Provider) tell(w *World, kind string, prior, attrs map[string]any) map[string]any {
	n := w.next()
	for _, name := range []string{"name", "node_group_name"} {
		if prefix := text(attrs, name+"_prefix"); prefix != "" && isUnknown(attrs[name]) {
			attrs[name] = prefix + n
		}
	}
	id := prefixes[kind] + n
	if name := text(attrs, naming[kind]); name != "" {
		id = name
	}
	known := map[string]any{
		"id": id, "arn": p.arn(kind, id, attrs), "owner_id": account, "region": p.region(), "partition": partition,
		"vpc_id": subnetVPC(w, attrs), "unique_id": "AROA" + n, "dns_name": id + ".example.amazonaws.com", "zone_id": "Z" + n,
	}
	for k, v := range p.tellOf(kind, id, n, attrs) {
		known[k] = v
	}
	if kind == "aws_launch_template" {
		known["latest_version"], known["default_version"] = 1.0, 1.0
		if v, ok := number(prior, "latest_version"); ok {
			known["latest_version"] = v + 1
		}
	}
	return known
}

// subnetVPC is the VPC of what lies in subnets.
func subnetVPC(w *World, attrs map[string]any) any {
	for _, name := range []string{"subnets", "subnet_ids"} {
		for _, id := range texts(attrs[name]) {
			if s := w.Find("aws_subnet", id); s != nil {
				return s.Attrs["vpc_id"]
			}
		}
	}
	return nil
}

// arn is the thing's name of all AWS.
func (p *Provider) arn(kind, id string, attrs map[string]any) string {
	local := func(service, rest string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition, service, p.region(), account, rest)
	}
	global := func(rest string) string { return fmt.Sprintf("arn:%s:iam::%s:%s", partition, account, rest) }
	name := text(attrs, "name")
	switch kind {
	case "aws_s3_bucket":
		return fmt.Sprintf("arn:%s:s3:::%s", partition, id)
	case "aws_iam_role":
		return global("role/" + name)
	case "aws_iam_policy":
		return global("policy/" + name)
	case "aws_kms_key":
		return local("kms", "key/"+id)
	case "aws_sqs_queue":
		return local("sqs", name)
	case "aws_rds_cluster":
		return local("rds", "cluster:"+id)
	case "aws_rds_cluster_instance":
		return local("rds", "db:"+id)
	case "aws_eks_cluster":
		return local("eks", "cluster/"+id)
	case "aws_acm_certificate":
		return local("acm", "certificate/"+id)
	case "aws_lb":
		return local("elasticloadbalancing", "loadbalancer/app/"+name+"/"+id)
	case "aws_lb_target_group":
		return local("elasticloadbalancing", "targetgroup/"+name+"/"+id)
	case "aws_lb_listener":
		return local("elasticloadbalancing", "listener/app/"+id)
	case "aws_secretsmanager_secret":
		return local("secretsmanager", "secret:"+name+"-"+id)
	case "aws_elasticache_replication_group":
		return local("elasticache", "replicationgroup:"+id)
	case "aws_elasticache_user":
		return local("elasticache", "user:"+id)
	case "aws_cloudwatch_log_group":
		return local("logs", "log-group:"+id)
	}
	return local(strings.TrimPrefix(kind, "aws_"), id)
}

// tellOf is what only one type has.
func (p *Provider) tellOf(kind, id, n string, attrs map[string]any) map[string]any {
	host := func(service string) string {
		return id + ".cluster-" + n + "." + p.region() + "." + service + ".amazonaws.com"
	}
	one := func(m map[string]any) []any { return []any{m} }
	arn := p.arn(kind, id, attrs)
	switch kind {
	case "aws_vpc":
		if attrs["assign_generated_ipv6_cidr_block"] == true {
			return map[string]any{"ipv6_cidr_block": "2a05:d014:1c4:ff00::/56", "default_security_group_id": "sg-default" + n}
		}
		return map[string]any{"ipv6_cidr_block": "", "default_security_group_id": "sg-default" + n}
	case "aws_eks_cluster":
		return map[string]any{
			"endpoint":              "https://" + n + ".gr7." + p.region() + ".eks.amazonaws.com",
			"certificate_authority": one(map[string]any{"data": base64.StdEncoding.EncodeToString([]byte("authority of " + id))}),
			"identity":              one(map[string]any{"oidc": one(map[string]any{"issuer": "https://oidc.eks." + p.region() + ".amazonaws.com/id/" + n})}),
			"vpc_config":            map[string]any{"cluster_security_group_id": "sg-cluster" + n},
			"status":                "ACTIVE", "platform_version": "eks.1",
		}
	case "aws_eks_node_group":
		name := text(attrs, "node_group_name")
		return map[string]any{"id": text(attrs, "cluster_name") + ":" + name, "status": "ACTIVE",
			"resources": one(map[string]any{"autoscaling_groups": one(map[string]any{"name": "eks-" + name + "-" + n})})}
	case "aws_rds_cluster":
		secret := fmt.Sprintf("arn:%s:secretsmanager:%s:%s:secret:rds!cluster-%s", partition, p.region(), account, n)
		return map[string]any{"endpoint": host("rds"), "reader_endpoint": "ro-" + host("rds"), "cluster_resource_id": "cluster-" + strings.ToUpper(n),
			"master_user_secret": one(map[string]any{"secret_arn": secret, "secret_status": "active"}), "port": 3306.0}
	case "aws_elasticache_replication_group":
		return map[string]any{"primary_endpoint_address": "master." + host("cache"), "reader_endpoint_address": "replica." + host("cache")}
	case "aws_acm_certificate":
		return map[string]any{"id": arn, "domain_validation_options": p.validations(attrs), "status": "PENDING_VALIDATION"}
	case "aws_lb":
		return map[string]any{"id": arn, "dns_name": text(attrs, "name") + "-" + n + "." + p.region() + ".elb.amazonaws.com"}
	case "aws_lb_target_group", "aws_lb_listener", "aws_iam_policy", "aws_secretsmanager_secret":
		return map[string]any{"id": arn}
	case "aws_sqs_queue":
		url := "https://sqs." + p.region() + ".amazonaws.com/" + account + "/" + text(attrs, "name")
		return map[string]any{"id": url, "url": url}
	case "aws_route53_record":
		return map[string]any{"id": text(attrs, "zone_id") + "_" + text(attrs, "name") + "_" + text(attrs, "type"), "fqdn": text(attrs, "name")}
	case "aws_s3_bucket":
		return map[string]any{"bucket_regional_domain_name": id + ".s3." + p.region() + ".amazonaws.com", "bucket_domain_name": id + ".s3.amazonaws.com"}
	case "aws_kms_key":
		return map[string]any{"key_id": id}
	}
	return nil
}

// validations are the records that prove a certificate's names.
func (p *Provider) validations(attrs map[string]any) []any {
	var out []any
	seen := map[string]bool{}
	for _, name := range append([]string{text(attrs, "domain_name")}, texts(attrs["subject_alternative_names"])...) {
		if seen[name] {
			continue
		}
		seen[name] = true
		out = append(out, map[string]any{
			"domain_name": name, "resource_record_name": "_proof." + strings.TrimPrefix(name, "*.") + ".",
			"resource_record_type": "CNAME", "resource_record_value": "_answer.acm-validations.aws.",
		})
	}
	return out
}

// look is what a data source finds.
func (p *Provider) look(w *World, kind string, asked map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for k, v := range asked {
		out[k] = v
	}
	switch kind {
	case "aws_availability_zones":
		out["id"], out["names"], out["zone_ids"] = p.region(), anys(p.zones()), []any{}
	case "aws_caller_identity":
		out["id"], out["account_id"], out["arn"] = account, account, fmt.Sprintf("arn:%s:iam::%s:user/operator", partition, account)
	case "aws_partition":
		out["id"], out["partition"], out["dns_suffix"] = partition, partition, "amazonaws.com"
	case "aws_region":
		out["id"], out["name"] = p.region(), p.region()
	case "aws_eks_cluster_auth":
		if w.Find("aws_eks_cluster", text(asked, "name")) == nil {
			return nil, fmt.Errorf("couldn't find resource: no cluster %q", text(asked, "name"))
		}
		out["id"], out["token"] = asked["name"], "k8s-aws-v1."+w.next()
	default:
		return p.lookUp(w, kind, out)
	}
	return out, nil
}

// lookUp finds the one thing of a data source's type that has all that is asked for.
func (p *Provider) lookUp(w *World, kind string, asked map[string]any) (map[string]any, error) {
	var found *Record
	for _, r := range w.Of(kind) {
		if !matches(r, asked) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("more than one matches %v", known(asked))
		}
		found = r
	}
	if found == nil {
		return nil, fmt.Errorf("couldn't find resource: nothing matches %v", known(asked))
	}
	for name := range p.schemas.DataSources[kind].Block.Attributes {
		if asked[name] == nil {
			asked[name] = found.Attrs[name]
		}
	}
	for name := range p.schemas.DataSources[kind].Block.Blocks {
		if found.Attrs[name] != nil {
			asked[name] = found.Attrs[name]
		}
	}
	return asked, nil
}

func matches(r *Record, asked map[string]any) bool {
	for k, v := range known(asked) {
		if s, ok := v.(string); ok && r.Attrs[k] != s && r.ID != s {
			return false
		}
	}
	return true
}

// known leaves null out.
func known(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if v != nil {
			out[k] = v
		}
	}
	return out
}

func anys(l []string) []any {
	out := []any{}
	for _, s := range l {
		out = append(out, s)
	}
	return out
}

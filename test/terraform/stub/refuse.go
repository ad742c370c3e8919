package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// names are the letters and lengths that AWS takes, by type and attribute.
var names = map[string]map[string]*regexp.Regexp{
	"aws_s3_bucket":                     {"bucket": regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)},
	"aws_sqs_queue":                     {"name": regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)},
	"aws_lb":                            {"name": regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)},
	"aws_lb_target_group":               {"name": regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)},
	"aws_eks_cluster":                   {"name": regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`), "version": regexp.MustCompile(`^1\.\d{2}$`)},
	"aws_eks_node_group":                {"node_group_name": regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)},
	"aws_eks_addon":                     {"addon_version": regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`)},
	"aws_rds_cluster":                   {"cluster_identifier": regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){0,62}$`), "database_name": regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)},
	"aws_rds_cluster_instance":          {"identifier": regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){0,62}$`)},
	"aws_rds_cluster_parameter_group":   {"name": regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){0,254}$`)},
	"aws_db_subnet_group":               {"name": regexp.MustCompile(`^[a-z0-9._ -]{1,255}$`)},
	"aws_elasticache_replication_group": {"replication_group_id": regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9]){0,39}$`)},
	"aws_elasticache_subnet_group":      {"name": regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9]){0,254}$`)},
	"aws_iam_role":                      {"name": regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)},
	"aws_iam_policy":                    {"name": regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)},
	"aws_iam_role_policy":               {"name": regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)},
	"aws_kms_alias":                     {"name": regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)},
	"aws_security_group":                {"name": regexp.MustCompile(`^[A-Za-z0-9._ :/()#,@\[\]+=&;{}!$*-]{1,255}$`), "description": regexp.MustCompile(`^[A-Za-z0-9._ :/()#,@\[\]+=&;{}!$*-]{1,255}$`)},
	"aws_launch_template":               {"name": regexp.MustCompile(`^[A-Za-z0-9().\-/_]{3,128}$`)},
	"aws_cloudwatch_log_group":          {"name": regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,512}$`)},
	"helm_release":                      {"name": regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$`)},
}

// choices are what AWS offers, by type and attribute.
var choices = map[string]map[string][]string{
	"aws_rds_cluster": {
		"engine":         {"aurora-mysql"},
		"engine_version": {"8.0.mysql_aurora.3.04.3", "8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.1", "8.0"},
	},
	"aws_rds_cluster_parameter_group":   {"family": {"aurora-mysql8.0"}},
	"aws_elasticache_replication_group": {"engine": {"redis"}, "engine_version": {"7.1", "7.0", "6.2"}},
	"aws_eks_addon":                     {"addon_name": {"vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "aws-secrets-store-csi-driver-provider", "aws-ebs-csi-driver", "metrics-server"}},
	"aws_eks_node_group":                {"ami_type": {"AL2023_ARM_64_STANDARD", "AL2023_x86_64_STANDARD", "BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64"}},
	"aws_lb_listener":                   {"ssl_policy": {"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}},
}

var (
	nodeClass  = regexp.MustCompile(`^(t3|t4g|m5|m6i|m6g|m7i|m7g|m8g|r6i|r6g|r7g|r8g|c6g|c7g)\.(small|medium|large|xlarge|[248]xlarge|1[26]xlarge)$`)
	dbClass    = regexp.MustCompile(`^db\.(serverless|t4g\.(medium|large)|r[678]g\.(large|xlarge|[248]xlarge|1[26]xlarge))$`)
	cacheClass = regexp.MustCompile(`^cache\.(t4g\.(micro|small|medium)|(m|r)[67]g\.(large|xlarge|[248]xlarge|1[26]xlarge))$`)
)

// valid is what the provider checks of a configuration before anything is
// made. What is unknown yet passes.
func valid(kind string, attrs map[string]any) error {
	var errs []error
	for name, re := range names[kind] {
		if s := text(attrs, name); s != "" && !re.MatchString(s) {
			errs = append(errs, fmt.Errorf("%s: %q is not a valid %s: it must match %s", kind, s, name, re))
		}
	}
	for name, offered := range choices[kind] {
		if s := text(attrs, name); s != "" && !slices.Contains(offered, s) {
			errs = append(errs, fmt.Errorf("%s: %s %q is not offered: %v are", kind, name, s, offered))
		}
	}
	for _, name := range []string{"policy", "assume_role_policy", "redrive_policy", "redrive_allow_policy", "configuration_values"} {
		if s := text(attrs, name); s != "" && !json.Valid([]byte(s)) {
			errs = append(errs, fmt.Errorf("%s: %s contains an invalid JSON", kind, name))
		}
	}
	if check := validOf[kind]; check != nil {
		errs = append(errs, check(attrs))
	}
	return errors.Join(errs...)
}

var validOf = map[string]func(map[string]any) error{
	"aws_vpc":                             validVPC,
	"aws_vpc_security_group_ingress_rule": validRule,
	"aws_vpc_security_group_egress_rule":  validRule,
	"aws_eks_node_group":                  validNodes,
	"aws_eks_cluster":                     validCluster,
	"aws_kms_key":                         validKey,
	"aws_iam_role":                        func(a map[string]any) error { return policy(text(a, "assume_role_policy"), "trust") },
	"aws_iam_policy":                      func(a map[string]any) error { return policy(text(a, "policy"), "identity") },
	"aws_iam_role_policy":                 func(a map[string]any) error { return policy(text(a, "policy"), "identity") },
	"aws_s3_bucket_policy":                func(a map[string]any) error { return policy(text(a, "policy"), "resource") },
	"aws_sqs_queue_policy":                func(a map[string]any) error { return policy(text(a, "policy"), "resource") },
	"aws_rds_cluster_instance": func(a map[string]any) error {
		return class("instance_class", text(a, "instance_class"), dbClass)
	},
	"aws_elasticache_replication_group": func(a map[string]any) error { return class("node_type", text(a, "node_type"), cacheClass) },
}

func class(name, v string, offered *regexp.Regexp) error {
	if v == "" || offered.MatchString(v) {
		return nil
	}
	return fmt.Errorf("%s %q is not supported: it must match %s", name, v, offered)
}

// cidr reads a block whose address has no bits beyond its length.
func cidr(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is not a CIDR block", s)
	}
	if p != p.Masked() {
		return p, fmt.Errorf("%q is not a CIDR block: the address has bits beyond its length, %s would be", s, p.Masked())
	}
	return p, nil
}

func validVPC(a map[string]any) error {
	s := text(a, "cidr_block")
	if s == "" {
		return nil
	}
	p, err := cidr(s)
	if err == nil && (p.Bits() < 16 || p.Bits() > 28) {
		err = fmt.Errorf("InvalidVpc.Range: %q is invalid: a VPC has a block between /16 and /28", s)
	}
	return err
}

func validRule(a map[string]any) error {
	given, open := 0, false
	for _, name := range []string{"cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"} {
		open = open || isUnknown(a[name])
		if a[name] != nil {
			given++
		}
	}
	if given != 1 && !open {
		return fmt.Errorf("a security group's rule has exactly one of cidr_ipv4, cidr_ipv6, referenced_security_group_id and prefix_list_id, this one has %d", given)
	}
	for name, is4 := range map[string]bool{"cidr_ipv4": true, "cidr_ipv6": false} {
		s := text(a, name)
		if s == "" {
			continue
		}
		if p, err := cidr(s); err != nil || p.Addr().Is4() != is4 {
			return fmt.Errorf("InvalidParameterValue: %s %q is not such a block", name, s)
		}
	}
	from, has := number(a, "from_port")
	to, _ := number(a, "to_port")
	open = isUnknown(a["from_port"]) || isUnknown(a["to_port"])
	if text(a, "ip_protocol") != "-1" && !open && (!has || from > to || from < 0 || to > 65535) {
		return fmt.Errorf("a rule's ports are 0 to 65535, the first not above the last, and these are %v to %v", from, to)
	}
	return nil
}

func validNodes(a map[string]any) error {
	arm := strings.Contains(text(a, "ami_type"), "ARM")
	for _, t := range texts(a["instance_types"]) {
		if err := class("instance type", t, nodeClass); err != nil {
			return err
		}
		family, _, _ := strings.Cut(t, ".")
		if text(a, "ami_type") != "" && strings.HasSuffix(family, "g") != arm {
			return fmt.Errorf("instance type %s and AMI type %s have different processors", t, text(a, "ami_type"))
		}
	}
	for _, s := range blocks(a["scaling_config"]) {
		least, _ := number(s, "min_size")
		most, _ := number(s, "max_size")
		want, known := number(s, "desired_size")
		if known && (want < least || want > most) {
			return fmt.Errorf("desired_size %v is not within min_size %v and max_size %v", want, least, most)
		}
	}
	return nil
}

func validCluster(a map[string]any) error {
	for _, v := range blocks(a["vpc_config"]) {
		if v["endpoint_private_access"] == false && v["endpoint_public_access"] == false {
			return errors.New("private and public endpoint access cannot both be off")
		}
		for _, c := range texts(v["public_access_cidrs"]) {
			if _, err := cidr(c); err != nil {
				return fmt.Errorf("public_access_cidrs: %w", err)
			}
		}
	}
	return nil
}

func validKey(a map[string]any) error {
	if n, ok := number(a, "deletion_window_in_days"); ok && (n < 7 || n > 30) {
		return fmt.Errorf("deletion_window_in_days is 7 to 30, not %v", n)
	}
	p := text(a, "policy")
	if p != "" && !strings.Contains(p, ":root") {
		return errors.New("MalformedPolicyDocumentException: the new key policy will not allow you to update the key policy in the future")
	}
	return policy(p, "resource")
}

// policy checks a policy's form: of a role's trust, of an identity, of a resource.
func policy(text, kind string) error {
	if text == "" {
		return nil
	}
	var doc struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return fmt.Errorf("MalformedPolicyDocument: %w", err)
	}
	limit := map[string]int{"trust": 2048, "identity": 6144, "resource": 20480}[kind]
	if len(text) > limit {
		return fmt.Errorf("LimitExceeded: the policy has %d characters, at most %d are allowed", len(text), limit)
	}
	if doc.Version != "2012-10-17" || len(doc.Statement) == 0 {
		return errors.New("MalformedPolicyDocument: a policy has Version 2012-10-17 and at least one Statement")
	}
	for i, s := range doc.Statement {
		if s["Effect"] != "Allow" && s["Effect"] != "Deny" {
			return fmt.Errorf("MalformedPolicyDocument: statement %d: Effect is Allow or Deny", i+1)
		}
		if s["Action"] == nil && s["NotAction"] == nil {
			return fmt.Errorf("MalformedPolicyDocument: statement %d has no Action", i+1)
		}
		if (s["Principal"] != nil) == (kind == "identity") {
			return fmt.Errorf("MalformedPolicyDocument: statement %d: Principal belongs into a %s policy or not", i+1, kind)
		}
		if (s["Resource"] != nil) == (kind == "trust") {
			return fmt.Errorf("MalformedPolicyDocument: statement %d: Resource belongs into a %s policy or not", i+1, kind)
		}
	}
	return nil
}

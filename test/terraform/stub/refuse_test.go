package stub

import (
	"path/filepath"
	"strings"
	"testing"
)

// attrs is a resource's attributes.
type attrs = map[string]any

// TestValid asks of each rule that it refuses what AWS would, and only that.
func TestValid(t *testing.T) {
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	for _, c := range []struct {
		name, kind string
		attrs      attrs
		says       string // "" when it is fine
	}{
		{"bucket", "aws_s3_bucket", attrs{"bucket": "acme-objects"}, ""},
		{"bucket with capitals", "aws_s3_bucket", attrs{"bucket": "Acme"}, "not a valid bucket"},
		{"bucket of 64", "aws_s3_bucket", attrs{"bucket": strings.Repeat("a", 64)}, "not a valid bucket"},
		{"load balancer of 33", "aws_lb", attrs{"name": strings.Repeat("a", 33)}, "not a valid name"},
		{"database with two dashes", "aws_rds_cluster", attrs{"cluster_identifier": "a--b"}, "not a valid cluster_identifier"},
		{"unknown engine version", "aws_rds_cluster", attrs{"engine_version": "5.7"}, "is not offered"},
		{"unknown database class", "aws_rds_cluster_instance", attrs{"instance_class": "db.m1.small"}, "is not supported"},
		{"unknown cache class", "aws_elasticache_replication_group", attrs{"node_type": "cache.x"}, "is not supported"},
		{"no JSON", "aws_iam_role", attrs{"assume_role_policy": "{"}, "invalid JSON"},
		{"trust", "aws_iam_role", attrs{"assume_role_policy": statement(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}`)}, ""},
		{"trust in nobody", "aws_iam_role", attrs{"assume_role_policy": statement(`{"Effect":"Allow","Action":"sts:AssumeRole"}`)}, "Principal"},
		{"policy of nothing", "aws_iam_policy", attrs{"policy": statement(`{"Effect":"Allow","Action":"s3:GetObject"}`)}, "Resource"},
		{"effect", "aws_iam_policy", attrs{"policy": statement(`{"Effect":"allow","Action":"s3:GetObject","Resource":"*"}`)}, "Effect"},
		{"policy too long", "aws_iam_policy", attrs{"policy": statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"` + strings.Repeat("a", 6144) + `"}`)}, "LimitExceeded"},
		{"key without the account", "aws_kms_key", attrs{"policy": statement(`{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":"arn:aws:iam::1:user/a"}}`)}, "will not allow you to update"},
		{"network too large", "aws_vpc", attrs{"cidr_block": "10.0.0.0/8"}, "InvalidVpc.Range"},
		{"rule", "aws_vpc_security_group_ingress_rule", attrs{"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 1.0, "to_port": 2.0}, ""},
		{"rule of two sources", "aws_vpc_security_group_ingress_rule", attrs{"cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": "::/0", "ip_protocol": "-1"}, "exactly one"},
		{"rule of no block", "aws_vpc_security_group_ingress_rule", attrs{"cidr_ipv4": "10.0.0.1/8", "ip_protocol": "-1"}, "is not such a block"},
		{"rule with ports upside down", "aws_vpc_security_group_ingress_rule", attrs{"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 2.0, "to_port": 1.0}, "ports"},
		{"rule that is not known yet", "aws_vpc_security_group_ingress_rule", attrs{"cidr_ipv4": unknown{}, "cidr_ipv6": unknown{}, "ip_protocol": "-1"}, ""},
		{"arm on x86", "aws_eks_node_group", attrs{"ami_type": "AL2023_x86_64_STANDARD", "instance_types": []any{"m7g.large"}}, "different processors"},
		{"too many nodes", "aws_eks_node_group", attrs{"scaling_config": []any{attrs{"min_size": 1.0, "max_size": 2.0, "desired_size": 3.0}}}, "desired_size"},
		{"unreachable cluster", "aws_eks_cluster", attrs{"vpc_config": []any{attrs{"endpoint_private_access": false, "endpoint_public_access": false}}}, "both be off"},
		{"unknown add-on", "aws_eks_addon", attrs{"addon_name": "vpc"}, "is not offered"},
	} {
		t.Run(c.name, func(t *testing.T) { says(t, valid(c.kind, c.attrs), c.says) })
	}
}

func says(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want it to say %q", err, want)
	}
}

// TestRefuse asks what a world refuses of what depends on it.
func TestRefuse(t *testing.T) {
	record := func(kind, id string, a attrs) *Record { return &Record{Type: kind, ID: id, Attrs: a} }
	const sends = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":["sqs:SendMessage"],"Resource":"arn:q","Condition":{"ArnEquals":{"aws:SourceArn":"arn:b"}}}]}`
	world := func() *World {
		return &World{Spent: []string{"aws_secretsmanager_secret old"}, Records: []*Record{
			record("aws_vpc", "vpc-1", attrs{"cidr_block": "10.0.0.0/16"}),
			record("aws_subnet", "subnet-1", attrs{"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "availability_zone": "us-east-1a"}),
			record("aws_subnet", "subnet-2", attrs{"vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1b"}),
			record("aws_s3_bucket", "bbb", attrs{"bucket": "bbb", "arn": "arn:b"}),
			record("aws_s3_bucket", "c", attrs{"bucket": "c", "arn": "arn:c"}),
			record("aws_sqs_queue", "q", attrs{"arn": "arn:q"}),
			record("aws_sqs_queue_policy", "q", attrs{"queue_url": "q", "policy": sends}),
			record("aws_route53_zone", "Z", attrs{"name": "example.com"}),
			record("aws_iam_role", "node", attrs{"arn": "arn:node", "assume_role_policy": "ec2.amazonaws.com"}),
			record("aws_eks_cluster", "acme", attrs{"endpoint": "https://here"}),
		}}
	}
	for _, c := range []struct {
		name, kind string
		attrs      attrs
		says       string
	}{
		{"subnet", "aws_subnet", attrs{"vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1c"}, ""},
		{"subnet in no network", "aws_subnet", attrs{"vpc_id": "vpc-2", "cidr_block": "10.0.2.0/24"}, "there is no such aws_vpc"},
		{"subnet over another", "aws_subnet", attrs{"vpc_id": "vpc-1", "cidr_block": "10.0.1.128/25"}, "InvalidSubnet.Conflict"},
		{"subnet outside", "aws_subnet", attrs{"vpc_id": "vpc-1", "cidr_block": "10.1.0.0/24"}, "InvalidSubnet.Range"},
		{"subnet in no zone", "aws_subnet", attrs{"vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1z"}, "availability zone"},
		{"load balancer", "aws_lb", attrs{"name": "a", "subnets": []any{"subnet-1", "subnet-2"}}, ""},
		{"load balancer in one zone", "aws_lb", attrs{"name": "a", "subnets": []any{"subnet-1"}}, "two availability zones"},
		{"load balancer without IPv6", "aws_lb", attrs{"name": "a", "ip_address_type": "dualstack", "subnets": []any{"subnet-1", "subnet-2"}}, "no IPv6 block"},
		{"bucket that is there", "aws_s3_bucket", attrs{"bucket": "bbb"}, "AlreadyExists"},
		{"secret on its way out", "aws_secretsmanager_secret", attrs{"name": "old"}, "scheduled for deletion"},
		{"notices", "aws_s3_bucket_notification", attrs{"bucket": "bbb", "queue": []any{attrs{"queue_arn": "arn:q"}}}, ""},
		{"notices that may not be sent", "aws_s3_bucket_notification", attrs{"bucket": "c", "queue": []any{attrs{"queue_arn": "arn:q"}}}, "Unable to validate the following destination"},
		{"record", "aws_route53_record", attrs{"zone_id": "Z", "name": "a.example.com"}, ""},
		{"record of another zone", "aws_route53_record", attrs{"zone_id": "Z", "name": "a.example.org"}, "not permitted in zone"},
		{"nodes that cannot join", "aws_eks_node_group", attrs{"cluster_name": "acme", "node_role_arn": "arn:node"}, "lacks AmazonEKSWorkerNodePolicy"},
		{"pods with a node's role", "aws_eks_pod_identity_association", attrs{"cluster_name": "acme", "role_arn": "arn:node"}, "pods.eks.amazonaws.com"},
		{"release without a cluster", "helm_release", attrs{"name": "a", "repository": "r"}, "no configuration has been provided"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &Provider{}
			says(t, p.refuse(world(), c.kind, nil, c.attrs), c.says)
		})
	}
	nodeless := &Provider{config: attrs{"kubernetes": []any{attrs{"host": "https://here", "token": "t"}}}}
	says(t, nodeless.refuse(world(), "helm_release", nil, attrs{"name": "a", "repository": "r"}), "0/0 nodes")
	says(t, refuseDeletion(world(), "aws_vpc", attrs{"id": "vpc-1"}), "DependencyViolation")
	says(t, refuseDeletion(world(), "aws_rds_cluster", attrs{"id": "d"}), "final_snapshot_identifier is required")
}

// TestReplaced finds what AWS cannot change in place.
func TestReplaced(t *testing.T) {
	p, err := New("terraform-provider-aws_v5.31.0", filepath.Join(t.TempDir(), "world.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.replaced("aws_s3_bucket", attrs{"bucket": "a"}, attrs{"bucket": "b"}); len(got) != 1 || got[0] != "bucket" {
		t.Errorf("another name of a bucket replaces by %v, want [bucket]", got)
	}
	if got := p.replaced("aws_s3_bucket", attrs{"bucket": "a"}, attrs{"bucket": "a", "force_destroy": true}); got != nil {
		t.Errorf("force_destroy replaces a bucket by %v", got)
	}
}

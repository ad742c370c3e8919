package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// nameOf is what a person calls the thing.
func nameOf(attrs map[string]any) string {
	for _, name := range []string{"name", "bucket", "cluster_identifier", "identifier", "replication_group_id", "node_group_name", "addon_name", "cidr_block", "id"} {
		if s := text(attrs, name); s != "" {
			return s
		}
	}
	return ""
}

// references are attributes that must name something that exists.
var references = map[string]string{
	"vpc_id": "aws_vpc", "subnet_id": "aws_subnet", "subnet_ids": "aws_subnet", "subnets": "aws_subnet",
	"security_group_id": "aws_security_group", "security_group_ids": "aws_security_group", "vpc_security_group_ids": "aws_security_group",
	"security_groups": "aws_security_group", "route_table_id": "aws_route_table", "allocation_id": "aws_eip",
	"gateway_id": "aws_internet_gateway", "nat_gateway_id": "aws_nat_gateway", "egress_only_gateway_id": "aws_egress_only_internet_gateway",
	"db_subnet_group_name": "aws_db_subnet_group", "db_cluster_parameter_group_name": "aws_rds_cluster_parameter_group",
	"cluster_name": "aws_eks_cluster", "subnet_group_name": "aws_elasticache_subnet_group",
	"queue_url": "aws_sqs_queue", "target_group_arn": "aws_lb_target_group", "lb_target_group_arn": "aws_lb_target_group",
	"load_balancer_arn": "aws_lb", "role": "aws_iam_role", "target_key_id": "aws_kms_key", "certificate_arn": "aws_acm_certificate",
}

// refuse says why AWS would not do it.
func (p *Provider) refuse(w *World, kind string, prior, attrs map[string]any) error {
	if err := valid(kind, attrs); err != nil {
		return err
	}
	if err := missing(w, attrs); err != nil {
		return err
	}
	if prior == nil {
		if err := taken(w, kind, attrs); err != nil {
			return err
		}
	}
	switch kind {
	case "aws_subnet":
		return p.refuseSubnet(w, prior, attrs)
	case "aws_lb", "aws_db_subnet_group", "aws_eks_cluster":
		return refuseOneZone(w, attrs)
	case "aws_s3_bucket_notification":
		return refuseNotification(w, attrs)
	case "aws_eks_node_group":
		return refuseNodes(w, attrs)
	case "aws_eks_pod_identity_association":
		return refusePodIdentity(w, attrs)
	case "aws_rds_cluster":
		return refuseDatabase(attrs)
	case "aws_rds_cluster_instance":
		if w.Find("aws_rds_cluster", text(attrs, "cluster_identifier")) == nil {
			return fmt.Errorf("DBClusterNotFoundFault: no cluster %q", text(attrs, "cluster_identifier"))
		}
	case "aws_route53_record":
		return refuseRecord(w, attrs)
	case "aws_acm_certificate_validation":
		return refuseValidation(w, attrs)
	case "helm_release":
		return p.refuseRelease(w, attrs)
	}
	return nil
}

// missing looks for what the attributes refer to, in nested blocks too.
func missing(w *World, attrs map[string]any) error {
	for name, v := range attrs {
		for _, b := range blocks(v) {
			if err := missing(w, b); err != nil {
				return err
			}
		}
		kind := references[name]
		if kind == "" {
			continue
		}
		ids := texts(v)
		if s, ok := v.(string); ok && s != "" {
			ids = []string{s}
		}
		for _, id := range ids {
			if w.Find(kind, id) == nil && !strings.HasPrefix(id, "sg-cluster") && !strings.HasPrefix(id, "sg-default") {
				return fmt.Errorf("InvalidReference: %s names %q, and there is no such %s", name, id, kind)
			}
		}
	}
	return nil
}

// taken looks for a thing of the same name.
func taken(w *World, kind string, attrs map[string]any) error {
	unique := naming[kind]
	if unique == "" && slices.Contains([]string{"aws_sqs_queue", "aws_lb", "aws_lb_target_group", "aws_iam_policy", "aws_launch_template", "aws_secretsmanager_secret", "aws_security_group"}, kind) {
		unique = "name"
	}
	name := text(attrs, unique)
	if unique == "" || name == "" {
		return nil
	}
	if w.by(kind, unique, name) != nil {
		return fmt.Errorf("AlreadyExists: there is a %s named %q", kind, name)
	}
	if slices.Contains(w.Spent, kind+" "+name) {
		return fmt.Errorf("InvalidRequestException: %q is scheduled for deletion", name)
	}
	return nil
}

func (p *Provider) refuseSubnet(w *World, prior, attrs map[string]any) error {
	if zone := text(attrs, "availability_zone"); zone != "" && !slices.Contains(p.zones(), zone) {
		return fmt.Errorf("InvalidParameterValue: availability zone %q: there are %v", zone, p.zones())
	}
	own, err := cidr(text(attrs, "cidr_block"))
	if err != nil {
		return err
	}
	whole, err := cidr(w.Find("aws_vpc", text(attrs, "vpc_id")).text("cidr_block"))
	if err != nil {
		return err
	}
	if !whole.Contains(own.Addr()) || own.Bits() < whole.Bits() {
		return fmt.Errorf("InvalidSubnet.Range: %s is not within the VPC's %s", own, whole)
	}
	for _, s := range w.Of("aws_subnet") {
		other, err := cidr(s.text("cidr_block"))
		if err == nil && s.Attrs["vpc_id"] == attrs["vpc_id"] && s.ID != text(prior, "id") && own.Overlaps(other) {
			return fmt.Errorf("InvalidSubnet.Conflict: %s overlaps %s of %s", own, other, s.ID)
		}
	}
	return nil
}

func refuseOneZone(w *World, attrs map[string]any) error {
	ids := append(texts(attrs["subnets"]), texts(attrs["subnet_ids"])...)
	for _, v := range blocks(attrs["vpc_config"]) {
		ids = append(ids, texts(v["subnet_ids"])...)
	}
	zones := map[string]bool{}
	for _, id := range ids {
		s := w.Find("aws_subnet", id)
		zones[s.text("availability_zone")] = true
		if text(attrs, "ip_address_type") == "dualstack" && s.text("ipv6_cidr_block") == "" {
			return fmt.Errorf("InvalidConfigurationRequest: subnet %s has no IPv6 block, so the load balancer cannot be dualstack", id)
		}
	}
	if len(zones) < 2 {
		return fmt.Errorf("ValidationError: subnets of at least two availability zones are needed, these are of %d", len(zones))
	}
	return nil
}

// refuseNotification asks, as S3 does, whether it may send to the queues.
func refuseNotification(w *World, attrs map[string]any) error {
	bucket := w.Find("aws_s3_bucket", text(attrs, "bucket"))
	if bucket == nil {
		return fmt.Errorf("NoSuchBucket: %q", text(attrs, "bucket"))
	}
	for _, b := range blocks(attrs["queue"]) {
		queue := w.by("aws_sqs_queue", "arn", text(b, "queue_arn"))
		if queue == nil || !maySend(w, queue, bucket.text("arn")) {
			return fmt.Errorf("InvalidArgument: Unable to validate the following destination configurations: %q does not let %s send", text(b, "queue_arn"), bucket.ID)
		}
	}
	return nil
}

func maySend(w *World, queue *Record, from string) bool {
	r := w.by("aws_sqs_queue_policy", "queue_url", queue.ID)
	if r == nil {
		return false
	}
	var doc struct {
		Statement []struct {
			Effect    string
			Action    any
			Resource  any
			Condition map[string]map[string]any
		}
	}
	if json.Unmarshal([]byte(r.text("policy")), &doc) != nil {
		return false
	}
	for _, s := range doc.Statement {
		if s.Effect == "Allow" && strings.Contains(fmt.Sprint(s.Action), "sqs:SendMessage") && s.Resource == queue.text("arn") && strings.Contains(fmt.Sprint(s.Condition), from) {
			return true
		}
	}
	return false
}

func refuseNodes(w *World, attrs map[string]any) error {
	role := w.by("aws_iam_role", "arn", text(attrs, "node_role_arn"))
	if role == nil {
		return fmt.Errorf("InvalidParameterException: no role %q", text(attrs, "node_role_arn"))
	}
	for _, need := range []string{"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistry"} {
		if !slices.ContainsFunc(w.Of("aws_iam_role_policy_attachment"), func(r *Record) bool {
			return r.text("role") == role.ID && strings.Contains(r.text("policy_arn"), need)
		}) {
			return fmt.Errorf("NodeCreationFailure: instances failed to join the kubernetes cluster: role %s lacks %s", role.ID, need)
		}
	}
	return nil
}

func refusePodIdentity(w *World, attrs map[string]any) error {
	role := w.by("aws_iam_role", "arn", text(attrs, "role_arn"))
	if role == nil || !strings.Contains(role.text("assume_role_policy"), "pods.eks.amazonaws.com") {
		return fmt.Errorf("InvalidParameterException: %q is no role that pods.eks.amazonaws.com may assume", text(attrs, "role_arn"))
	}
	return nil
}

func refuseDatabase(attrs map[string]any) error {
	if attrs["manage_master_user_password"] != true && text(attrs, "master_password") == "" && text(attrs, "snapshot_identifier") == "" {
		return errors.New("InvalidParameterValue: the master user's password is needed")
	}
	if n, ok := number(attrs, "backup_retention_period"); ok && (n < 1 || n > 35) {
		return fmt.Errorf("InvalidParameterValue: backup_retention_period is 1 to 35 days, not %v", n)
	}
	return nil
}

func refuseRecord(w *World, attrs map[string]any) error {
	zone := w.Find("aws_route53_zone", text(attrs, "zone_id"))
	if zone == nil {
		return fmt.Errorf("NoSuchHostedZone: %q", text(attrs, "zone_id"))
	}
	name, domain := strings.TrimSuffix(text(attrs, "name"), "."), strings.TrimSuffix(zone.text("name"), ".")
	if name != domain && !strings.HasSuffix(name, "."+domain) {
		return fmt.Errorf("InvalidChangeBatch: RRSet with DNS name %s. is not permitted in zone %s.", name, domain)
	}
	return nil
}

// refuseValidation waits, as ACM does, for records that prove the names; here
// they are there at once or never.
func refuseValidation(w *World, attrs map[string]any) error {
	cert := w.by("aws_acm_certificate", "arn", text(attrs, "certificate_arn"))
	for _, o := range blocks(cert.Attrs["domain_validation_options"]) {
		want := strings.TrimSuffix(text(o, "resource_record_name"), ".")
		if !slices.ContainsFunc(w.Of("aws_route53_record"), func(r *Record) bool { return strings.TrimSuffix(r.text("name"), ".") == want }) {
			return fmt.Errorf("timeout while waiting for the certificate: no record %s proves %s", want, text(o, "domain_name"))
		}
	}
	return nil
}

// refuseRelease is Helm's side: a chart that can be read, and a cluster that
// answers, takes the token, and has nodes and add-ons to run pods on.
func (p *Provider) refuseRelease(w *World, attrs map[string]any) error {
	chart := text(attrs, "chart")
	if _, err := os.Stat(filepath.Join(chart, "Chart.yaml")); err != nil && text(attrs, "repository") == "" {
		return fmt.Errorf("could not download chart: %w", err)
	}
	for _, k := range blocks(p.config["kubernetes"]) {
		cluster := w.by("aws_eks_cluster", "endpoint", text(k, "host"))
		switch {
		case cluster == nil:
			return fmt.Errorf("Kubernetes cluster unreachable: nothing answers at %q", text(k, "host"))
		case text(k, "token") == "" && k["exec"] == nil:
			return errors.New("Kubernetes cluster unreachable: the server has asked for the client to provide credentials")
		case w.by("aws_eks_node_group", "cluster_name", cluster.ID) == nil:
			return errors.New("context deadline exceeded: 0/0 nodes are available")
		case w.by("aws_eks_addon", "addon_name", "vpc-cni") == nil || w.by("aws_eks_addon", "addon_name", "coredns") == nil:
			return errors.New("context deadline exceeded: pods have no network: vpc-cni and coredns are needed")
		}
		return nil
	}
	return errors.New("Kubernetes cluster unreachable: invalid configuration: no configuration has been provided")
}

// within are things that cannot go while others lie in them.
var within = []string{"aws_vpc", "aws_subnet", "aws_security_group", "aws_internet_gateway", "aws_eip", "aws_lb_target_group", "aws_lb", "aws_eks_cluster", "aws_rds_cluster"}

// refuseDeletion says why AWS would keep it.
func refuseDeletion(w *World, kind string, prior map[string]any) error {
	id := text(prior, "id")
	if prior["deletion_protection"] == true || prior["enable_deletion_protection"] == true {
		return errors.New("InvalidParameterCombination: deletion protection is on")
	}
	if kind == "aws_rds_cluster" && prior["skip_final_snapshot"] != true {
		name := text(prior, "final_snapshot_identifier")
		if name == "" {
			return errors.New("final_snapshot_identifier is required when skip_final_snapshot is false")
		}
		if slices.Contains(w.Spent, "snapshot "+name) {
			return fmt.Errorf("DBClusterSnapshotAlreadyExistsFault: %q", name)
		}
		w.Spent = append(w.Spent, "snapshot "+name)
	}
	if n, given := number(prior, "recovery_window_in_days"); kind == "aws_secretsmanager_secret" && (!given || n > 0) {
		w.Spent = append(w.Spent, kind+" "+text(prior, "name"))
	}
	if !slices.Contains(within, kind) {
		return nil
	}
	for _, r := range w.Records {
		if r.ID != id && r.Type != kind && refers(r.Attrs, kind, id) {
			return fmt.Errorf("DependencyViolation: %s %s depends on it", r.Type, r.ID)
		}
	}
	return nil
}

// refers reports whether attributes name a thing where they name its type.
func refers(attrs map[string]any, kind, id string) bool {
	for name, v := range attrs {
		if references[name] == kind && (v == id || slices.Contains(texts(v), id)) {
			return true
		}
		for _, b := range blocks(v) {
			if refers(b, kind, id) {
				return true
			}
		}
	}
	return false
}

// Package chart_test renders deploy/charts/ballast as Helm does.
package chart_test

import (
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.Load("../../../deploy/charts/ballast")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// render returns the objects by their file, checked against the values' schema.
func render(c *chart.Chart, values map[string]any) (map[string]string, error) {
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "acme", Namespace: "ballast", IsInstall: true}, chartutil.DefaultCapabilities.Copy())
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(c, all)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, body := range files {
		if name = strings.TrimPrefix(name, "ballast/templates/"); strings.TrimSpace(body) != "" && strings.HasSuffix(name, ".yaml") {
			out[name] = body
		}
	}
	return out, nil
}

// kinds are the types that the objects have to be, to the last field.
var kinds = map[string]func() any{
	"deployment.yaml":            func() any { return &appsv1.Deployment{} },
	"persistentvolumeclaim.yaml": func() any { return &corev1.PersistentVolumeClaim{} },
	"poddisruptionbudget.yaml":   func() any { return &policyv1.PodDisruptionBudget{} },
	"secret.yaml":                func() any { return &corev1.Secret{} },
	"service.yaml":               func() any { return &corev1.Service{} },
	"serviceaccount.yaml":        func() any { return &corev1.ServiceAccount{} },
}

// deployment renders, checks every object's fields, and returns the one with the pods.
func deployment(t *testing.T, values map[string]any) (*appsv1.Deployment, map[string]string) {
	t.Helper()
	files, err := render(load(t), values)
	if err != nil {
		t.Fatal(err)
	}
	var d *appsv1.Deployment
	for name, body := range files {
		kind, known := kinds[name]
		if !known {
			continue // a custom resource, which has no type here
		}
		o := kind()
		if err := yaml.UnmarshalStrict([]byte(body), o); err != nil {
			t.Errorf("%s: %v\n%s", name, err, body)
		}
		if got, ok := o.(*appsv1.Deployment); ok {
			d = got
		}
	}
	if d == nil {
		t.Fatal("no deployment")
	}
	return d, files
}

func TestSizes(t *testing.T) {
	for size, replicas := range map[string]int32{"dev": 1, "small": 2, "medium": 3, "large": 4, "xlarge": 6} {
		t.Run(size, func(t *testing.T) {
			d, files := deployment(t, map[string]any{"size": size})
			if *d.Spec.Replicas != replicas {
				t.Errorf("%d replicas, want %d", *d.Spec.Replicas, replicas)
			}
			if _, has := files["poddisruptionbudget.yaml"]; has != (replicas > 1) {
				t.Errorf("a disruption budget: %v", has)
			}
			restricted(t, d.Spec.Template.Spec)
		})
	}
}

// restricted asks for what the standard "restricted" of pod security does, and
// for what we add to it.
func restricted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	s, c := pod.SecurityContext, pod.Containers[0].SecurityContext
	if !*s.RunAsNonRoot || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || s.RunAsUser != nil {
		t.Errorf("the pods' security: %+v", s)
	}
	if *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" {
		t.Errorf("the container's security: %+v", c)
	}
	if *pod.EnableServiceLinks || *pod.AutomountServiceAccountToken {
		t.Error("pods get what they do not need: service links or a token")
	}
	if pod.Containers[0].Resources.Limits.Memory().IsZero() {
		t.Error("no limit of memory")
	}
}

func TestSettings(t *testing.T) {
	d, files := deployment(t, map[string]any{
		"settings": map[string]any{"url": "https://a.example.com", "rate-limit": "50", "redis": ""},
		"aws":      map[string]any{"region": "eu-central-1", "databaseSecret": "arn:aws:secretsmanager:eu-central-1:1:secret:a"},
		"service":  map[string]any{"nodePort": 30080},
	})
	got := map[string]string{}
	for _, e := range d.Spec.Template.Spec.Containers[0].Env {
		got[e.Name] = e.Value
	}
	for name, want := range map[string]string{
		"BALLAST_URL": "https://a.example.com", "BALLAST_RATE_LIMIT": "50",
		"BALLAST_SECRET_KEY":        "file:/run/ballast/secret-key",
		"BALLAST_DATABASE_PASSWORD": "file:/run/ballast-aws/database-password",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if _, has := got["BALLAST_REDIS"]; has {
		t.Error("an empty setting is given to the server")
	}
	if !strings.Contains(files["service.yaml"], "nodePort: 30080") {
		t.Errorf("the service has no port of the nodes:\n%s", files["service.yaml"])
	}
	if !strings.Contains(files["secretproviderclass.yaml"], "arn:aws:secretsmanager:eu-central-1:1:secret:a") {
		t.Error("the database's password is not mounted")
	}
}

func TestOneDisk(t *testing.T) {
	d, _ := deployment(t, map[string]any{"size": "large", "persistence": map[string]any{"enabled": true}})
	if *d.Spec.Replicas != 1 || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("%d replicas share one disk, by %s", *d.Spec.Replicas, d.Spec.Strategy.Type)
	}
}

func TestWrongValues(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"unknown size":        {"size": "huge"},
		"unknown value":       {"replicas": 3},
		"setting's name":      {"settings": map[string]any{"Rate_Limit": "1"}},
		"port":                {"service": map[string]any{"nodePort": 80}},
		"secret that is none": {"aws": map[string]any{"databaseSecret": "hunter2"}},
		"no region":           {"aws": map[string]any{"databaseSecret": "arn:aws:secretsmanager:eu-central-1:1:secret:a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render(load(t), values); err == nil {
				t.Errorf("%v is taken", values)
			}
		})
	}
}

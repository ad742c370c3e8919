{{- define "ballast.labels" -}}
app.kubernetes.io/name: ballast
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "ballast.selector" -}}
app.kubernetes.io/name: ballast
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ballast.secretKeySecret" -}}
{{ .Values.secretKeySecret | default (printf "%s-secret-key" .Release.Name) }}
{{- end }}

{{/* One disk of one node carries one server. */}}
{{- define "ballast.replicas" -}}
{{- if .Values.persistence.enabled }}1{{ else }}{{ (index (.Files.Get "sizes.json" | fromJson) .Values.size).replicas }}{{ end }}
{{- end }}

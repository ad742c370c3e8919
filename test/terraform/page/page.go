// Package page cuts the files of the founding page, "Deploy on AWS", out of
// its text.
package page

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed deploy-on-aws.ja.txt
var text string

// Files are the page's files by name: terraform.tfvars, versions.tf,
// variables.tf and the main.tf of the recommended deployment.
func Files() (map[string]string, error) {
	common, recommended, ok := strings.Cut(text, "\n推奨されるデプロイメントオプション")
	if !ok {
		return nil, fmt.Errorf("the page has no recommended deployment")
	}
	recommended, _, _ = strings.Cut(recommended, "\nREDIS を有効にする")
	vars, err := cut(common, `    namespace                  = `, `\n *\n`)
	if err != nil {
		return nil, err
	}
	provider, err := cut(common, `    provider "aws" {`, `\n    }\n`)
	if err != nil {
		return nil, err
	}
	variables, err := cut(common, `    variable "namespace" {`, `\z`)
	if err != nil {
		return nil, err
	}
	main, err := cut(recommended, `    module "wandb_infra" {`, `\n  2\. `)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"terraform.tfvars": vars, "versions.tf": provider, "variables.tf": variables,
		"main.tf": strings.TrimSuffix(strings.TrimRight(main, " \n"), "2."),
	}, nil
}

// cut returns the text from begin to the first match of end after it.
func cut(s, begin, end string) (string, error) {
	at := strings.Index(s, begin)
	if at < 0 {
		return "", fmt.Errorf("the page has no %q", begin)
	}
	to := regexp.MustCompile(end).FindStringIndex(s[at:])
	if to == nil {
		return "", fmt.Errorf("the page has no end of %q", begin)
	}
	return s[at : at+to[1]], nil
}

var bold = regexp.MustCompile(`\*\*(.+)\*\*`)

// WithOptions is the recommended main.tf with the module blocks of the options
// under the given headings of the page. In those "[...]" stands for the rest of
// the recommended block.
func WithOptions(main string, headings ...string) (string, error) {
	for _, h := range headings {
		_, section, ok := strings.Cut(text, "\n"+h)
		if !ok {
			return "", fmt.Errorf("the page has no section %q", h)
		}
		block, err := cut(section, `module "wandb_infra" {`, `\n}`)
		if err != nil {
			return "", err
		}
		if main, err = merge(main, block); err != nil {
			return "", fmt.Errorf("section %q: %w", h, err)
		}
	}
	return main, nil
}

// merge adds the bold lines of an option's block to the recommended one, which
// must have every other line of it.
func merge(main, block string) (string, error) {
	var added []string
	for _, line := range strings.Split(block, "\n") {
		line = strings.TrimSpace(line)
		if m := bold.FindStringSubmatch(line); m != nil {
			added = append(added, "      "+m[1])
		} else if line != "" && line != "[...]" && line != "}" && !strings.Contains(main, line) {
			return "", fmt.Errorf("the line %q is not of the recommended block", line)
		}
	}
	if len(added) == 0 {
		return "", fmt.Errorf("no line is bold")
	}
	head := `module "wandb_infra" {`
	return strings.Replace(main, head, head+"\n"+strings.Join(added, "\n"), 1), nil
}

var (
	source  = regexp.MustCompile(`(?m)^( *source +=) "wandb/wandb/aws"$`)
	version = regexp.MustCompile(`(?m)^ *version += "~>7.0"\n`)
)

// Sourced takes the module from a folder instead of W&B's.
func Sourced(main, folder string) string {
	return version.ReplaceAllString(source.ReplaceAllString(main, `$1 "`+folder+`"`), "")
}

// Command terraform-provider-stub is every provider of the tests: linked as
// terraform-provider-aws_v5.31.0 it serves the schemas of that one.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ballast-ml/ballast/test/terraform/stub"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

func main() {
	if err := serve(filepath.Base(os.Args[0]), os.Getenv("STUB_WORLD")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(program, world string) error {
	p, err := stub.New(program, world)
	if err != nil {
		return err
	}
	return tf6server.Serve("registry.terraform.io/hashicorp/"+p.Name, func() tfprotov6.ProviderServer { return p })
}

package interop

import (
	"strings"

	"ciclo/shared/platform/api"
)

// The editions of PDND's M2M gateway that the product has besides its own, which is that of
// every other base path.
var (
	v3 = api.Edition{Name: "v3", Base: "/v3", Closed: true, Strict: true, Signed: true}
	v2 = api.Edition{Name: "v2", Base: "/v2", Closed: true, Strict: true, NoContent: true, Code: codeOfV2}
)

// NotInV2 is the Without of operations that v2 lacks.
var NotInV2 = []string{v2.Name}

// NotPublished is the Without of operations of ours that no published edition has.
var NotPublished = []string{v3.Name, v2.Name}

// The gateway's number in the codes of each edition.
const (
	gatewayV3 = "017-"
	gatewayV2 = "012-"
)

// codeOfV2 returns the code of v2 for one of v3. The gateway of v2 has a number of its own
// (PDND M2M v2); the codes of the services behind it are the same.
func codeOfV2(name string) string {
	number, isGateway := strings.CutPrefix(name, gatewayV3)
	if !isGateway {
		return name
	}
	switch number {
	case "0046":
		number = "0040"
	case "0047":
		number = "0042"
	case "0048":
		number = "0041"
	case "10028":
		number = "10007"
	}
	return gatewayV2 + number
}

// IsPublished tells whether a base path is that of an edition that PDND publishes.
func IsPublished(base string) bool { return strings.HasSuffix(base, v3.Base) || IsV2(base) }

// IsV2 tells whether a base path is that of v2.
func IsV2(base string) bool { return strings.HasSuffix(base, v2.Base) }

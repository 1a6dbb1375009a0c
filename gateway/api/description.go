package api

import _ "embed"

// Description is openapi.yaml: REST as OpenAPI 3.0.3. It is served at
// /api/v1/openapi.yaml.
//
//go:embed openapi.yaml
var Description []byte

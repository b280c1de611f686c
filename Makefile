# Every task of the project; `make` alone lists them. Go is all that run and test need.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS     += --no-print-directory --no-builtin-rules

GO   ?= go
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null)

GOLANGCI_LINT_VERSION := v2.15.0
GOFUMPT_VERSION       := v0.12.0
SAM_VERSION           := 1.170.0
CFN_LINT_VERSION      := 1.58.0
SCHEMATHESIS_VERSION  := 4.32.5
GOVULNCHECK_VERSION   := v1.9.0
SPECTRAL_VERSION      := 6.16.3
REDOCLY_VERSION       := 2.77.0
AXE_VERSION           := 4.14.1

# functions/interop/purpose is an artifact, its binary .build/interop-purpose/bootstrap. No
# product or resource has a dash in its name.
ARTIFACTS     := $(patsubst functions/%/main.go,%,$(wildcard functions/*/main.go functions/*/*/main.go))
NAMES         := $(subst /,-,$(ARTIFACTS))
BINARIES      := $(NAMES:%=.build/%/bootstrap)
HOST_BINARIES := $(NAMES:%=.build/test/%/bootstrap)
# The front office renders pages, beside what any function has.
MAX_BYTES     := 10000000
MAX_PAGES     := 12000000

GO_SOURCES := cmd functions shared
GOLANGCI   := .cache/bin/golangci-lint-$(GOLANGCI_LINT_VERSION)
GOFUMPT    := $(GO) run mvdan.cc/gofumpt@$(GOFUMPT_VERSION)
VENV       := .cache/venv
AWS_TOOLS  := $(VENV)/sam-$(SAM_VERSION)-cfn-lint-$(CFN_LINT_VERSION)
FUZZER     := .cache/schemathesis/$(SCHEMATHESIS_VERSION)
OASLINT    := .cache/openapi-lint/spectral-$(SPECTRAL_VERSION)-redocly-$(REDOCLY_VERSION)
SAM        := SAM_CLI_TELEMETRY=0 $(VENV)/bin/sam
AXE        := .cache/axe-core/$(AXE_VERSION)
LOCALDB    := .build/bin/dynamodb-local

.PHONY: help
help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##### Run and test

.PHONY: run
run: ## Serve everything on http://localhost:3000 (PORT, DATA_DIR, ENGINE=dynamodb-local, DYNAMODB_ENDPOINT)
	@[ -e .build/bin/local ] || echo 'Building the sandbox; the first time takes a minute.'
	@$(MAKE) .build/bin/local
	@exec .build/bin/local

.PHONY: demo
demo: .build/bin/demo ## Tell the stories of a service and a consumer to a running sandbox (URL)
	@exec .build/bin/demo

.PHONY: clients
clients: .build/bin/local .build/bin/clients ## Run unmodified OAuth libraries and, with PDND's document (CONTRACT), generated clients (LANGUAGES) against a sandbox of its own
	@exec .build/bin/clients -languages '$(LANGUAGES)' $(if $(CONTRACT),-contract '$(CONTRACT)')

# The official documents are not part of this repository.
CONTRACTS ?= ../shared/contracts

.PHONY: conformance
conformance: .build/bin/local .build/bin/conformance ## Check every answer of a sandbox against official OpenAPI documents (CONTRACT=file.yml, BASE=/v3; all of the folder CONTRACTS)
	@documents='$(or $(CONTRACT),$(wildcard $(CONTRACTS)/*.yml))'; \
	[ -n "$$documents" ] || { echo "*** LEFT OUT: make conformance; there are no official documents in $(CONTRACTS): set CONTRACTS=<folder>. ***" >&2; exit 0; }; \
	.build/bin/conformance $(if $(BASE),-base '$(BASE)') $$documents
	@[ -n '$(CONTRACT)' ] || [ -z '$(wildcard $(CONTRACTS)/*.yml)' ] || \
		CONTRACTS='$(abspath $(CONTRACTS))' $(GO) test -count=1 -tags=contracts -run='^TestPublishedSchemas$$' ./cmd/internal/openapi

.PHONY: test
test: build-host $(LOCALDB) ## Run the tests, on DynamoDB Local too where it can be had
	@$(missing_shells)
	@$(missing_browser)
	@$(call tested,$(GO) test -shuffle=on ./...)

# Below cmd/internal the tests send one request after another: nothing can race. The same
# goes for the tests that are skipped.
SEQUENTIAL := ^Test(RoleMatrix|TransitionMatrix|Fields|RandomCommands|Readme|MisspeltPaths|MethodsOfPaths|PublishedPaths|Hosts)$$

# Of the resource packages, which have the most tests: those that send requests at the same time.
CONCURRENT := Race|Crowd|Burst|Once|Contended|Overtaken|Twins|Stampede|Linear|Pairs|Busy|Stop|During|While|Torn|Two|Lost|Cascade|Restless
RESOURCES := ciclo/shared/(interop/(agreement|client|eservice|purpose|voucher)|services/service|consumers/consumer)$$

.PHONY: race
race: build-host $(LOCALDB) ## The tests on the embedded engine, and the engines' own on both, with the race detector
	@cc=$$($(GO) env CC); command -v "$${cc%% *}" >/dev/null || \
		{ echo "make race: the race detector needs a C compiler, and $$cc is not here; install gcc or clang, or set CC." >&2; exit 1; }
	@REQUIRE_DYNAMODB_LOCAL= DYNAMODB_ENDPOINT= CGO_ENABLED=1 $(GO) test -race -vet=off -shuffle=on -timeout=20m -skip='$(SEQUENTIAL)' $$($(GO) list ./cmd/... ./shared/... | grep -vE '^ciclo/cmd/internal/|$(RESOURCES)')
	@REQUIRE_DYNAMODB_LOCAL= DYNAMODB_ENDPOINT= CGO_ENABLED=1 $(GO) test -race -vet=off -shuffle=on -timeout=20m -run='$(CONCURRENT)' $$($(GO) list ./shared/... | grep -E '$(RESOURCES)')
	@$(call tested,env CGO_ENABLED=1 $(GO) test -race -vet=off -shuffle=on -timeout=20m ./shared/platform/table/... ./shared/platform/testing/...)

# Runs $1 with DynamoDB Local beside it. Where that cannot be had it says what is
# left out and runs $1 without; with REQUIRE_DYNAMODB_LOCAL=1 it fails instead.
tested = [ -z "$${DYNAMODB_ENDPOINT:-}" ] || exec $(1); \
	status=0; missing=$$($(LOCALDB) -check 2>&1) || status=$$?; \
	if [ $$status = 0 ]; then \
		$(LOCALDB) -- $(1) || status=$$?; \
		[ $$status = 3 ] || exit $$status; \
		missing='It could not be fetched or started, see above.'; \
	fi; \
	if [ $$status != 3 ]; then echo "$$missing" >&2; exit $$status; fi; \
	if [ "$${REQUIRE_DYNAMODB_LOCAL:-}" = 1 ]; then echo "REQUIRE_DYNAMODB_LOCAL=1, but it cannot be had. $$missing" >&2; exit 1; fi; \
	echo "*** LEFT OUT: all tests on DynamoDB Local; only the embedded engine is tested. $$missing ***" >&2; \
	exec $(1)

# README.md is pasted into these shells; REQUIRE_SHELLS=1 makes the test fail without one.
missing_shells = for shell in bash zsh dash; do command -v $$shell >/dev/null || \
	echo "*** LEFT OUT: README.md pasted into $$shell, which is not here ***" >&2; done

# The pages of the front office are visited in Chromium and examined by axe-core;
# REQUIRE_CHROMIUM=1 and REQUIRE_AXE=1 make the tests fail without them.
missing_browser = command -v chromium chromium-browser google-chrome >/dev/null || \
	echo "*** LEFT OUT: the front office in a browser; install chromium ***" >&2; \
	[ -e $(AXE)/node_modules ] || echo "*** LEFT OUT: accessibility of the front office; make axe fetches axe-core with npm ***" >&2

.PHONY: axe
axe: $(AXE) ## Fetch axe-core, by which tests find pages that are not accessible (npm)

.PHONY: screenshots
screenshots: ## Make pictures of the main pages of the front office, in .build/screenshots
	@SCREENSHOTS='$(abspath .build/screenshots)' $(GO) test -count=1 -tags=screenshots -run='^TestScreenshots$$' ./cmd/internal/officetest

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@$(GO) test -list '^Fuzz' ./... \
	| awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' \
	| while read -r package name; do \
		echo "$$package $$name"; \
		$(GO) test -run='^$$' -fuzz="^$$name$$" -fuzztime="$${FUZZTIME:-30s}" "$$package" </dev/null; \
	done

.PHONY: fuzz-api
fuzz-api: .build/bin/local .build/bin/fuzzapi ## Send REQUESTS (5000) made up by schemathesis (SEED) to a sandbox
	@python3 -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo '*** LEFT OUT: make fuzz-api; schemathesis needs Python 3.10 or later with venv; install python3 and python3-venv. ***' >&2; exit 0; }; \
	$(MAKE) -s $(FUZZER) && exec .build/bin/fuzzapi -requests '$(or $(REQUESTS),5000)' -seed '$(or $(SEED),1)'

.PHONY: bench
bench: .build/bin/bench $(LOCALDB) ## Measure round trips, items, capacity, allocations, start-up (ALL=1 for every function, ONLY=purge for a section)
	@exec $(with_dynamodb) .build/bin/bench $(if $(ALL),-all) $(if $(ONLY),-only '$(ONLY)')

# DynamoDB Local beside a command, unless DYNAMODB_ENDPOINT names a DynamoDB.
with_dynamodb = $(if $(DYNAMODB_ENDPOINT),,$(LOCALDB) --)

.PHONY: assertion
assertion: .build/bin/assertion ## Print a client assertion for a voucher (CLIENT, PURPOSE, KEY=private.pem, URL)
	@exec .build/bin/assertion -client '$(CLIENT)' -purpose '$(PURPOSE)' -key '$(KEY)' -audience '$(or $(URL),http://localhost:3000)'

.PHONY: api-token
api-token: .build/bin/assertion ## Print an access token for the interop API, bound to the client's key (FILE=client.json, an answer of /_local/client)
	@exec .build/bin/assertion -file '$(or $(FILE),client.json)'

.PHONY: signing-keys
signing-keys: .build/bin/signingkeys ## Print the parameters for keys of KMS that sign vouchers (KEYS="<ARN> [<ARN>]", AWS_*)
	@exec .build/bin/signingkeys $(KEYS)

.PHONY: ledger-check
ledger-check: .build/bin/ledger ## Compare the ledger of planned calls with the active purposes of a table (TABLE_INTEROP, AWS_*, DYNAMODB_ENDPOINT)
	@exec .build/bin/ledger

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities in what is linked, where the Go vulnerability database can be reached
	@status=0; report=$$($(GO) run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) ./functions/... ./cmd/local 2>&1) || status=$$?; \
	case "$$report" in \
		*'fetching vulnerabilities:'*) echo "*** LEFT OUT: make vulncheck; the Go vulnerability database cannot be reached: $${report##*vulnerabilities: } ***" >&2;; \
		*) printf '%s\n' "$$report"; exit $$status;; \
	esac

##### Write

.PHONY: fmt
fmt: ## Format the Go files
	$(GOFUMPT) -w $(wildcard $(GO_SOURCES))

.PHONY: lint
lint: $(GOLANGCI) ## Check format, go vet, go.mod and the linters' rules
	@unformatted=$$($(GOFUMPT) -l $(wildcard $(GO_SOURCES)); "$$($(GO) env GOROOT)/bin/gofmt" -l $(wildcard $(GO_SOURCES))); \
		[ -z "$$unformatted" ] || { printf 'Run make fmt for:\n%s\n' "$$unformatted" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GOLANGCI) run

.PHONY: gen
gen: .build/bin/gen ## Write what is generated from the code (docs/, README.md, templates and definitions in functions/)
	.build/bin/gen

.PHONY: gen-check
gen-check: .build/bin/gen ## Fail when something generated is stale
	.build/bin/gen -check

.PHONY: cost
cost: .build/bin/cost ## Write docs/cost.md, what a deployment costs; print it for other prices (PRICES=file)
	@exec .build/bin/cost $(if $(PRICES),-prices '$(PRICES)')

# redocly needs Node.js 20.19; its rules and spectral's that are off are in .ci, with reasons.
.PHONY: openapi-lint
openapi-lint: ## Check docs/openapi with spectral and redocly, where npm is there
	@missing=''; \
	command -v npm >/dev/null || missing='spectral and redocly need npm; install npm.'; \
	[ -n "$$missing" ] || node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a == 20 && b >= 19 ? 0 : 1)' || \
		missing="redocly needs Node.js 20.19 or later; here is $$(node --version)."; \
	if [ -n "$$missing" ]; then echo "*** LEFT OUT: make openapi-lint; $$missing ***" >&2; exit 0; fi; \
	$(MAKE) -s $(OASLINT); \
	$(OASLINT)/node_modules/.bin/spectral lint --ruleset .ci/spectral.yaml --fail-severity hint 'docs/openapi/*.json'; \
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		$(OASLINT)/node_modules/.bin/redocly lint --config .ci/redocly.yaml docs/openapi/*.json

##### Build and deploy

.PHONY: build
build: ## Compile every artifact into .build/<product>-<resource>/bootstrap
	@$(MAKE) -j$(or $(JOBS),2) $(BINARIES)

.PHONY: build-host
build-host: ## The same for this machine, into .build/test/, for tests and benchmarks
	@$(MAKE) -j$(or $(JOBS),2) $(HOST_BINARIES)

# The go command knows what is up to date, hence FORCE. Lambda has no use for RPC, nor
# the clients of AWS for HTTP/2 (docs/decisions/0017-one-artifact-a-resource.md).
# Segments are aligned to pages of 16 KB, which Linux on arm64 has at most where it is not
# built for 64 KB; Go's default of 64 KB fills files up with 0.1 MB of nothing.
COMPILE = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -tags lambda.norpc,nethttpomithttp2 -ldflags '-s -w -R 0x4000' -o $@

.build/bin/%: FORCE
	@$(GO) build -buildvcs=false -o $@ ./cmd/$*

.build/test/%/bootstrap: FORCE
	@$(COMPILE) ./functions/$(subst -,/,$*)

.build/%/bootstrap: FORCE
	@GOOS=linux GOARCH=arm64 $(COMPILE) ./functions/$(subst -,/,$*)

# For sam local invoke on copies of the templates, for the processor of Docker.
.build/sam/.build/%/bootstrap: FORCE
	@GOOS=linux GOARCH=$(SAM_GOARCH) $(COMPILE) ./functions/$(subst -,/,$*)

# What sam build runs, once for all functions: the others, which it skips, are found
# where make build puts them.
.PHONY: build-AuthorizerBearer
build-AuthorizerBearer: build
	@cp .build/interop-authorizer/bootstrap "$(ARTIFACTS_DIR)"

FORCE:

.PHONY: size
size: build ## Print the size of every artifact and fail over 10 MB, of the front office over 12 MB
	@wc -c $(BINARIES) | awk -v most=$(MAX_BYTES) -v pages=$(MAX_PAGES) '$$2 != "total" { max = ($$2 ~ /\/office-page\//) ? pages : most; \
		printf "%9d  %s%s\n", $$1, $$2, ($$1 > max) ? "  OVER " max : ""; over += ($$1 > max) } END { exit over > 0 }'

.PHONY: validate
validate: $(AWS_TOOLS) ## Check the templates with SAM and cfn-lint
	@for template in $(TEMPLATES); do \
		AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-south-1} $(SAM) validate --lint --template "$$template"; done
	$(VENV)/bin/cfn-lint $(TEMPLATES)

# The root and the nested templates; an api.yaml is no template, nor is what is by hand of one.
TEMPLATES = template.yaml $(filter-out %/api.yaml functions/own/%,$(wildcard functions/*.yaml functions/*/*.yaml))

# With SAM and Docker the function runs in Lambda's image, unless it needs more than
# tables. The exit status is the function's success.
.PHONY: invoke
invoke: .build/bin/invoke $(LOCALDB) ## Answer an event with the real function (FN=consumer/delete, EVENT=file)
	@exec $(if $(FN),$(with_dynamodb)) .build/bin/invoke -fn '$(FN)' -event '$(EVENT)' -sam "$$(command -v sam || true)" -sam-flags "$(SAM_FLAGS)"

.PHONY: dynamodb
dynamodb: .build/bin/invoke $(LOCALDB) ## Serve DynamoDB Local on port 8000 with what sam local invoke needs (FN=consumer/delete)
	@exec $(if $(FN),$(LOCALDB) -port 8000 --) .build/bin/invoke -fn '$(FN)' -serve

.PHONY: sam-check
sam-check: .build/bin/samcheck .build/bin/invoke $(LOCALDB) $(AWS_TOOLS) ## Try sam build, and sam local invoke in Docker, where there is any
	@exec .build/bin/samcheck -sam '$(CURDIR)/$(VENV)/bin/sam'

.PHONY: deploy
deploy: deployable build $(AWS_TOOLS) ## Deploy to AWS (CONFIG=prod, DEPLOY_FLAGS=--guided to be asked), see docs/deploy.md
	$(SAM) deploy --template template.yaml --config-env $(or $(CONFIG),default) $(DEPLOY_FLAGS)
	@$(MAKE) prune

.PHONY: prune
prune: .build/bin/prune ## Delete old versions of a deployment's functions, all but the last three (CONFIG=prod)
	@exec .build/bin/prune $(or $(CONFIG),default) $(DEPLOY_FLAGS)

.PHONY: deployable
deployable: .build/bin/deploycheck
	@.build/bin/deploycheck $(or $(CONFIG),default) $(DEPLOY_FLAGS)

.PHONY: clean
clean: ## Remove what was built; the tools and jars in .cache stay
	rm -rf .build .aws-sam

##### Tools, in the ignored folder .cache

.PHONY: tools
tools: $(GOLANGCI) $(AWS_TOOLS) $(AXE)

$(GOLANGCI):
	@echo "building golangci-lint $(GOLANGCI_LINT_VERSION), which takes a minute or two"
	@GOBIN='$(CURDIR)/.cache/bin' CGO_ENABLED=0 $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@mv .cache/bin/golangci-lint $@

$(AWS_TOOLS):
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'SAM and cfn-lint need Python 3 with venv; install python3 and python3-venv.' >&2; exit 1; }
	@echo 'installing SAM $(SAM_VERSION) and cfn-lint $(CFN_LINT_VERSION)'
	@python3 -m venv --clear $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check aws-sam-cli==$(SAM_VERSION) cfn-lint==$(CFN_LINT_VERSION)
	@touch $@

$(FUZZER):
	@echo 'installing schemathesis $(SCHEMATHESIS_VERSION)'
	@python3 -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION)
	@touch $@

$(AXE):
	@rm -rf $@.new && mkdir -p $@.new
	@npm install --prefix $@.new --silent --no-audit --no-fund --ignore-scripts axe-core@$(AXE_VERSION)
	@mv $@.new $@

$(OASLINT):
	@echo 'installing spectral $(SPECTRAL_VERSION) and redocly $(REDOCLY_VERSION)'
	@rm -rf $@.new && mkdir -p $@.new
	@npm install --prefix $@.new --silent --no-audit --no-fund --ignore-scripts \
		@stoplight/spectral-cli@$(SPECTRAL_VERSION) @redocly/cli@$(REDOCLY_VERSION)
	@mv $@.new $@

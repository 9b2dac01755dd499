# GNU make and CPython 3.11, 3.12 or 3.13 with pip are all that must be there; the rest is set up below.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first interpreter on the PATH that really starts and is of a supported version. Never a downloaded one.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	if "$$python" -c '$(SUPPORTED)' 2>/dev/null; then echo "$$python"; break; fi; done)

TOOLS := .tools
UV := $(TOOLS)/bin/uv
VENV := .venv
BIN := $(VENV)/bin
TOOL_SETS := checkov functions-worker lambda-emulator lambda-runtime ministack sam
SEEDS ?= 100

RUNTIMES := $(patsubst %,$(TOOLS)/%/.stamp,functions-worker lambda-emulator lambda-runtime ministack)
ON_RUNTIMES := tests/packaging tests/runtimes
REHEARSED := tests/deployment
HERE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
DEPLOYED := function_app.py host.json requirements.txt uv.lock $(wildcard routes.yaml) $(shell find \
	functions/__init__.py functions/aws_lambda functions/azure_app shared infra/bundle -type f ! -name '*.pyc')

# What runs in the clouds is built, and tried, with the Python that they run.
PYTHON313 ?= $(shell infra/tools/find-python 3.13)
# The processors of the Lambda: arm64 or x86_64, as the template's parameter Architecture says.
ARCH ?= arm64
BUNDLE = "$(PYTHON313)" -E -s -m infra.bundle
AWS_TEMPLATES := template.yaml infra/aws/spoke.yaml
CODE := functions infra shared tests $(wildcard function_app.py)

export UV_PYTHON_DOWNLOADS := never
# pip trusts the machine's certificates; so that both reach the same registry, uv does too.
export UV_SYSTEM_CERTS := true
# Settings of the caller's shell that would lead into another environment, or make every start compile anew.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo simulate test build runtimes real bench templates rehearse check lint types contracts format lock \
	clean python313 routes-checked build-MirrorFunction

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.stamp ## make .venv from the lock file (every target that needs it does so itself)

demo: setup ## the guided tour: both clouds on this machine, every statement checked
	@$(BIN)/policy-mirror demo

test: check ## all checks, then all tests but those of `make runtimes` and `make rehearse`
	@echo "== tests"
	@$(BIN)/pytest -n auto $(patsubst %,--ignore %,$(ON_RUNTIMES) $(REHEARSED))

simulate: setup ## the engine under faults, on a virtual clock: what was injected and what was lost
	@$(BIN)/policy-mirror simulate --seeds $(SEEDS)

runtimes: setup build $(RUNTIMES) $(TOOLS)/sam/.stamp build/here/.stamp ## the artefacts, on the runtimes that the clouds run
	@echo "== tests of the artefacts and on the runtimes"
	@REQUIRE_RUNTIMES=1 $(BIN)/pytest -n 2 --dist loadscope $(ON_RUNTIMES)

real: setup $(RUNTIMES) build/here/.stamp ## the tour, on the runtimes that the clouds run
	@$(BIN)/policy-mirror demo --runtimes real

rehearse: setup templates $(RUNTIMES) build/here/.stamp ## template.yaml: checked, and deployed to an AWS on this machine
	@echo "== tests of the deployment"
	@REQUIRE_RUNTIMES=1 $(BIN)/pytest $(REHEARSED)

bench: setup ## how fast it is, against floors measured in the same run, into the README
	@$(MAKE) --no-print-directory $(RUNTIMES) build/here/.stamp || \
		echo "== not all of that is there: rows that need it are listed as not measured"
	@$(BIN)/python -m tests.bench
	@$(BIN)/policy-mirror readme

# For this machine's processor, which need not be the one that is deployed to.
build/here/.stamp: $(DEPLOYED) $(UV) | python313
	@echo "== build/here, $(HERE)"
	@$(BUNDLE) aws build/here/aws --architecture $(HERE)
	@$(BUNDLE) azure build/here/azure --architecture $(HERE)
	@touch $@

build: $(UV) python313 $(if $(wildcard routes.yaml),routes-checked) ## what is deployed: build/aws and build/azure, a folder and a zip each (ARCH=arm64|x86_64)
	@echo "== build/aws, $(ARCH)"
	@$(BUNDLE) aws build/aws --architecture $(ARCH) --zip build/aws.zip
	@echo "== build/azure"
	@$(BUNDLE) azure build/azure --zip build/azure.zip

# It goes along, and a function that cannot read it mirrors nothing.
routes-checked: setup
	@$(BIN)/policy-mirror routes routes.yaml

# sam build calls it, in a copy of this folder.
build-MirrorFunction: $(UV) python313
	@$(BUNDLE) aws "$(ARTIFACTS_DIR)" --architecture $(ARCH)

python313:
	@"$(PYTHON313)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
		echo "Both clouds run Python 3.13, and this target needs it too; none is on the PATH or among pyenv's." \
			"Install one (pyenv install 3.13, or your system's package python3.13)," \
			"or name it: make PYTHON313=/path/to/python3.13 ..." >&2; exit 1; }

# cfn-lint and sam want a region, whichever; nothing is asked over the network.
templates: $(TOOLS)/sam/.stamp $(TOOLS)/checkov/.stamp ## the AWS templates: cfn-lint, sam validate, checkov
	@echo "== cfn-lint"
	@AWS_DEFAULT_REGION=eu-central-1 PYTHONPATH=$(TOOLS)/sam $(TOOLS)/sam/bin/cfn-lint $(AWS_TEMPLATES)
	@echo "== sam validate"
	@AWS_DEFAULT_REGION=eu-central-1 SAM_CLI_TELEMETRY=0 PYTHONPATH=$(TOOLS)/sam $(TOOLS)/sam/bin/sam validate --lint \
		--template template.yaml
	@echo "== checkov"
	@PYTHONPATH=$(TOOLS)/checkov "$(PYTHON313)" -m checkov.main --config-file infra/tools/checkov.yaml

check: lint types contracts ## ruff, mypy and the import contracts

lint: setup ## style and common mistakes
	@echo "== ruff"
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE)

types: setup ## mypy, strict
	@echo "== mypy"
	@$(BIN)/mypy $(CODE)

contracts: setup ## which layer may import which
	@echo "== import-linter"
	@$(BIN)/lint-imports --no-cache --no-logo

format: setup ## rewrite the sources as ruff wants them
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

lock: $(UV) ## resolve the dependencies again, and export requirements.txt for Azure's own build
	$(UV) lock
	$(UV) export --frozen --no-dev --extra azure-function --no-emit-project --no-header --quiet --output-file requirements.txt
	for set in $(TOOL_SETS); do $(UV) pip compile --quiet --no-header --generate-hashes --python-version 3.13 \
		$$([ $$set = lambda-emulator ] && echo --no-deps) \
		infra/tools/$$set.in --output-file infra/tools/$$set.txt >/dev/null || exit 1; done

clean: ## remove everything that the targets made
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find functions infra shared tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Into a folder, not an environment: a Python without venv (Debian splits it off) will do.
$(UV): infra/tools/uv.txt
	@python='$(PYTHON)'; [ -n "$$python" ] || { \
		echo "policy-mirror needs Python 3.11, 3.12 or 3.13, and none is on the PATH." \
			"Name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }; \
	echo "== uv, to set up the rest"; \
	rm -rf $(TOOLS); \
	"$$python" -m pip install -qq --disable-pip-version-check --target $(TOOLS) \
		--require-hashes --only-binary :all: -r $<
	@touch $@

# Tools that would not agree with .venv's packages, each in a folder of its own: .tools/sam, ...
$(TOOLS)/%/.stamp: infra/tools/%.txt $(UV) | python313
	@echo "== $(TOOLS)/$*"
	@rm -rf $(@D)
	@$(UV) pip install --quiet --require-hashes --no-deps --only-binary :all: --python "$(PYTHON313)" \
		--target $(@D) --requirements $<
	@touch $@

$(VENV)/.stamp: uv.lock pyproject.toml $(UV)
	@echo "== $(VENV), from uv.lock"
	@$(UV) sync --frozen --all-extras --quiet --python "$$('$(PYTHON)' -c 'import sys; print(sys.executable)')"
	@touch $@

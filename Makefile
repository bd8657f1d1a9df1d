# Every target works on a fresh clone: it makes the virtual environment and fetches what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# What the engine and the base images need of the system; installed where that is possible, else it is said what is missing.
PACKAGES := runc debootstrap openssl chromium-headless-shell

# Bytecode is written even where the environment says not to: the tests start the command some thousand times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: test test-fast live older demo check proto docs golden oracle parity differential system engine pictures bench image clean

# A command that downloads is tried three times.
retry = attempt=1; until $(1); do [ $$attempt -lt 3 ] || exit 1; attempt=$$((attempt + 1)); sleep 3; done

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(call retry,$(BIN)/pip install --quiet --editable '.[dev]')
	touch $@

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

# The engine and base images are made once and kept in the user's cache. Live tests wait for it often, so there are more workers than cores.
# They begin with the live tests (tests/conftest.py), not with the files of most tests.
test: engine oracle
	$(BIN)/pytest -q -n 3 --dist loadfile --no-loadscope-reorder

# What needs no engine, in about a minute.
test-fast: $(STAMP)
	$(BIN)/pytest -q -n 2 --dist loadfile --ignore tests/live -m 'not slow'

live: engine
	$(BIN)/pytest -q tests/live

# The same on engines of years ago, which take some minutes to build once; not part of `test` for that reason.
older: engine
	$(BIN)/python -m tests.live.older_engines
	$(BIN)/pytest -q -m 'older or downloading' tests/live

demo: engine
	$(BIN)/python -m examples.golang.demo

engine: $(STAMP) system
	$(BIN)/python -m tests.support.bases

# The pictures of the README: a graph, and a build in a terminal of which a part comes from the cache.
pictures: engine
	$(BIN)/llbfront graph --platform linux/amd64 -o docs/pictures/golang.svg examples/golang/app
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.support.bases $(BIN)/python docs/pictures/terminal.py docs/pictures/build.svg

system:
	@missing=; for package in $(PACKAGES); do PATH="$$PATH:/usr/sbin:/sbin" command -v $$package >/dev/null || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		$(call retry,apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $$missing); \
	else echo "missing:$$missing (please install)"; fi

proto: $(STAMP)
	$(BIN)/python proto/generate.py .

# The pages of the build checks, of the environment and of the commands, then the site of all pages and the API reference: build/site/index.html.
docs: $(STAMP)
	$(BIN)/python docs/generate.py docs/rules
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Record the help of docker buildx and buildctl, and write docs/parity.md from it.
parity: engine
	$(BIN)/python -m tests.parity

# Record what BuildKit's own frontend and docker buildx make of the cases in tests; review the difference.
golden: oracle engine
	$(BIN)/python -m tests.support.whole_dockerfile
	$(BIN)/python -m tests.bake.golden

oracle: $(STAMP)
	$(BIN)/python -m tests.differential.reference

# Compare with BuildKit's own frontend: generated cases (N, SEED), the Dockerfiles of a folder (CORPUS), or mutations of them (MUTATE).
N ?= 20000
SEED ?= 1
differential: $(STAMP)
	$(BIN)/python -m tests.differential $(if $(CORPUS),--corpus $(CORPUS),--cases $(N) --seed $(SEED) $(if $(MUTATE),--mutate $(MUTATE)))

# Compare with buildctl, buildx and the reference's frontend image: RUNS of each, ONLY=start|untouched|bake|program|many|large|image|convert|http2 for
# a part; the last two need no engine.
bench: $(if $(filter convert http2,$(ONLY)),$(STAMP),engine)
	$(BIN)/python -m bench $(if $(RUNS),--runs $(RUNS)) $(if $(ONLY),--only $(ONLY))

# The frontend image and its bill of materials, the same bytes for the same commit: PUSH=registry.example/llbfront pushes it too.
comma := ,
IMAGE_PLATFORMS ?= linux/amd64,linux/arm64
image: engine
	mkdir -p dist
	$(BIN)/python -m tests.support.bases $(BIN)/python -m llbfront.cli.image --progress plain --file llbfront/kit/Dockerfile --platform $(IMAGE_PLATFORMS) \
		--build-arg SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(if $(PIP_CERT),--secret id=ca$(comma)src=$(PIP_CERT)) \
		--output type=oci,dest=dist/llbfront-frontend.tar,rewrite-timestamp=true \
		$(if $(PUSH),--output type=image$(comma)name=$(PUSH)$(comma)push=true$(comma)rewrite-timestamp=true) .

clean:
	rm -rf $(VENV) build dist

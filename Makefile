# Two commands do everything: `make serve` and `make test`. Both make the environment they need.
# PYTHON     the interpreter to start from (3.11 or newer)
# HOST, PORT where to serve
# BENCH      options of bench-sparql, e.g. BENCH="--triples 100000 1000000 --load 60"
# TORCH_INDEX  address of PyTorch's index of CPU builds; without it Linux gets the CUDA build (GBs)
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
TORCH_INDEX ?=
# For bench-encoder: the corpora's folder, and the models to judge.
CORPORA ?=
MODELS ?= search/models/static
# For bench-sdg: the folder of labelled SDG texts.
SOURCES ?=
VENV := .venv
BIN := $(VENV)/bin

# uv installs in seconds what pip takes minutes for. It reads neither pip's variables nor, unless
# told to, the system's certificates, which an office's proxy needs.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
export UV_SYSTEM_CERTS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_NO_PROGRESS = 1

.PHONY: help serve test lint format build bench bench-encoder bench-sdg bench-sparql lock vendor clean

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

serve: $(VENV)/run ## build what is missing and serve the site on http://HOST:PORT
	$(BIN)/shirube serve --host $(HOST) --port $(PORT)

test: lint ## lint, types, import contracts, tests, the browser, the docs' examples
	$(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/dev ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev ## let ruff put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(VENV)/run ## build the graph and the search index of the bundled plan
	$(BIN)/shirube build

bench: $(VENV)/dev ## measure: ratios against peers in the same run
	$(BIN)/python -m tests.bench

bench-encoder: $(VENV)/dev ## judge encoders on public tasks: CORPORA=folder [MODELS="folder ..."]
	@test -d "$(CORPORA)/eval" || { echo 'CORPORA=… に eval/ のあるフォルダーを / name the folder that holds eval/ in CORPORA=…'; exit 2; }
	$(BIN)/python -m search.training.evaluate_encoder $(CORPORA) $(MODELS)

bench-sdg: $(VENV)/dev ## the SDG judge beside keywords and BM25: [SOURCES=folder with oro_gold/ ...]
	$(BIN)/python -m tests.bench.sdg $(SOURCES)

bench-sparql: $(VENV)/dev ## /sparql beside bare pyoxigraph, rdflib-endpoint and the oxigraph server
	$(BIN)/uv pip install -q --python $(BIN)/python -c requirements-dev.lock --group bench
	$(BIN)/python -m tests.bench.sparql $(BENCH)

lock: ## pin the newest versions that fit pyproject.toml
	$(BIN)/uv pip compile -q --no-header --no-emit-find-links --no-emit-index-url \
	  pyproject.toml constraints.in -o requirements.lock
	$(BIN)/uv pip compile -q --no-header --no-emit-find-links --no-emit-index-url \
	  pyproject.toml constraints.in --group dev -c requirements.lock -o requirements-dev.lock
	sed -i 's/+cpu//' requirements.lock requirements-dev.lock

# The one script that is not ours: built by its makers, committed, and compared by the tests.
YASGUI := web/static/vendor/yasgui
YASGUI_VERSION := 4.6.2
vendor: ## fetch YASGUI from npm again; its digests must be the recorded ones
	folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT \
	  && npm pack --silent --pack-destination "$$folder" @zazuko/yasgui@$(YASGUI_VERSION) \
	  && tar -xzf "$$folder"/*.tgz -C "$$folder" \
	  && cp "$$folder"/package/build/yasgui.min.js "$$folder"/package/build/yasgui.min.css $(YASGUI)/
	cd $(YASGUI) && sha256sum --check SHA256SUMS

clean: ## remove the environment and caches (not the built data)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/pip: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 以降が必要です / Python 3.11 or newer is needed (PYTHON=...)'; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo 'venv がありません / venv is missing: apt-get install python3-venv'; exit 1; }
	$(BIN)/python -m pip install -q uv || echo 'uv なしで続けます / going on without uv'
	touch $@

# One recipe, two locks: what running needs, and what developing needs on top of it.
define install
	$(if $(TORCH_INDEX),$(call pip-install,torch==2.13.0 --index-url $(TORCH_INDEX)))
	$(call pip-install,-r $(1))
	$(call pip-install,--no-deps --no-build-isolation -e .)
	touch $@
endef
pip-install = $(BIN)/uv pip install -q --python $(BIN)/python $(1) \
	|| { echo 'pip で続けます / going on with pip'; $(BIN)/python -m pip install -q $(1); }

$(VENV)/run: $(VENV)/pip requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(VENV)/dev: $(VENV)/pip requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	touch $(VENV)/run

# make demo   sets up everything, runs specs/shapes-reliance.yaml, says where the report is
# make test   sets up everything, runs the tests
# PIP_ARGS    further arguments of pip, for instance an index with a CPU build of torch

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
SPEC := specs/shapes-reliance.yaml
OUT := audits/shapes-reliance

.PHONY: demo test stress lint format benchmarks schema zoo clean

demo: $(VENV)/installed system
	@$(RUN) -m auditor run $(SPEC) --out $(OUT); status=$$?; \
	case $$status in \
	  0) echo "demo: every requirement holds (exit status 0)";; \
	  1) echo "demo: a requirement failed, as an audit may (exit status 1)";; \
	  7) echo "demo: nothing failed, but not everything is decided (exit status 7)";; \
	  *) echo "demo: stopped with exit status $$status"; exit $$status;; \
	esac; \
	echo "demo: the report is $(OUT)/report.html and $(OUT)/report.pdf"

test: $(VENV)/installed-test system
	$(RUN) -m pytest -n auto --dist loadfile

stress: $(VENV)/installed-test system
	$(RUN) -m pytest -m "slow or not slow"

benchmarks: $(VENV)/installed-test system
	$(RUN) tests/benchmarks/first_light.py
	$(RUN) -m tests.benchmarks.execution
	$(RUN) -m tests.benchmarks.sweeps
	$(RUN) -m tests.benchmarks.statistics

lint: $(VENV)/installed-lint
	$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/installed-lint
	$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

schema: $(VENV)/installed
	$(RUN) -m auditor schema > schemas/audit-spec.v1.json
	for of in plan lock result; do $(RUN) -m auditor schema $$of > schemas/$$of.v1.json || exit 1; done

# Trains the bundled models anew: about four hours on two cores.
ZOO_STEPS := train_autoencoder train_text_to_image polish_text_to_image train_classifiers
zoo: $(VENV)/installed-test
	for step in $(ZOO_STEPS); do $(RUN) examples/zoo/$$step.py --out build/zoo || exit 1; done
	$(RUN) examples/zoo/make_test_set.py --out build/zoo/test
	$(RUN) examples/zoo/train_edit.py --out build/zoo --vae build/zoo/text-to-image/vae
	$(RUN) examples/zoo/train_clip.py --out build/zoo
	$(RUN) examples/zoo/publish.py --out build/zoo
	for measure in quality edit clip; do $(RUN) examples/zoo/measure_$$measure.py --record || exit 1; done

$(VENV)/python-is-new-enough:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "auditor needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu need: apt-get install python3-venv"; exit 2; }
	@touch $@

$(VENV)/installed: $(VENV)/python-is-new-enough pyproject.toml .constraints.txt
	@echo "Installing into $(VENV): 0.3 GB to download with a CPU build of torch, about 3 GB with the default one."
	@echo "For the CPU build, give pip its index (pytorch.org, Get started, names it): make $(MAKECMDGOALS) PIP_ARGS='--extra-index-url ...'"
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint .constraints.txt torch
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint .constraints.txt --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint .constraints.txt --editable '.[test]'
	@touch $@

$(VENV)/installed-lint: $(VENV)/installed-test
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(PIP_ARGS) --constraint .constraints.txt --editable '.[lint]'
	@touch $@

system: $(VENV)/installed
	@$(RUN) -c 'import weasyprint' 2>/dev/null || { \
	  echo "The PDF needs the Pango libraries. On Debian and Ubuntu:"; \
	  echo "  apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core"; exit 2; }

clean:
	rm -rf $(VENV) build dist audits specs/.auditor

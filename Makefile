# From a fresh clone, with Python 3.11 to 3.13, make and git:
#   make demo   sets up everything, creates the platform on a local AWS, and fetches six numbers through its load balancer
#   make test   sets up everything, and runs the checks and tests of CI; make test-all also runs the long ones
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# For Python 3.11 to 3.13 on any machine; existing pins stay, and no host name is written.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock"
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo $$python; break; }; done)

.PHONY: help lock setup demo test test-all test-aws test-fast lint matrix bench bench-app survive late faults mutants tight iam docs release \
	release-files down clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 18

setup: $(VENV)/run.stamp ## install Ansible and the requirements of a run in .venv

demo: $(VENV)/run.stamp ## create the platform on a local AWS, and fetch six numbers from it
	@$(BIN)/python -m local_aws up
	@$(BIN)/ansible-playbook playbooks/site.yml -i inventories/local

test: $(VENV)/dev.stamp ## lint, sanity, unit tests, and the life of a platform
	@$(BIN)/python -m tests.run

test-all: $(VENV)/dev.stamp ## every test, also Molecule, moto and all end-to-end files: an hour and a half
	@$(BIN)/python -m tests.run --all

test-aws: $(VENV)/dev.stamp ## the whole life of a platform on a real account: costs money, see docs/testing-on-aws.md
	@$(BIN)/python -m tests.aws $(ARGS)

test-fast: $(VENV)/dev.stamp ## lint, and the unit tests that start no program
	@$(BIN)/python -m tests.run --fast

lint: $(VENV)/dev.stamp ## lint only
	@$(BIN)/python -m tests.run --only lint

matrix: $(VENV)/dev.stamp ## lint, unit tests and the whole platform under every supported installed Python
	@$(BIN)/python -m tests.matrix

bench: $(VENV)/dev.stamp ## benchmarks, as ratios
	@$(BIN)/python -m bench

bench-app: $(VENV)/dev.stamp ## benchmark lotto_app with wrk, beside gunicorn and an empty app
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r bench/app-requirements.txt
	@$(BIN)/python bench/app.py

survive: $(VENV)/dev.stamp ## kill runs after every write call, and check the next run: hours
	@$(BIN)/python -m tests.campaigns.kill_resume

late: $(VENV)/dev.stamp ## hold back calls of killed runs for 5, 20 and 60 s while the next run works: half an hour
	@$(BIN)/python -m tests.campaigns.late

faults: $(VENV)/dev.stamp ## site.yml, status.yml and destroy.yml with a misbehaving AWS: half an hour
	@$(BIN)/python -m tests.campaigns.faults

tight: $(VENV)/dev.stamp ## checkov on the planned platform, policies, Dockerfile, roles and playbooks
	@[ -x build/checkov/bin/checkov ] || { $(BIN)/python -m venv build/checkov && build/checkov/bin/pip install -qq --disable-pip-version-check --require-hashes -r tests/checkov-requirements.txt; }
	@$(BIN)/python -m tests.campaigns.checkov build/checkov/bin/checkov

mutants: $(VENV)/dev.stamp ## list those of 200 mutations of the collection that no unit test notices; an hour
	@$(BIN)/python -m tests.campaigns.mutants

iam: $(VENV)/dev.stamp ## write docs/iam/*.json from the calls of the playbooks
	@$(BIN)/python -m tests.campaigns.principals

lock: $(VENV)/dev.stamp ## requirements*.txt with hashes, for every supported Python, from requirements*.in
	@for name in requirements lotto_app/requirements lotto_app/requirements-build bench/app-requirements \
		tests/checkov-requirements tests/eda-requirements; do $(LOCK) "$$name.in" -o "$$name.txt" || exit 1; done
	@$(LOCK) -c requirements.txt -c lotto_app/requirements.txt requirements-dev.in -o requirements-dev.txt

docs: $(VENV)/dev.stamp ## build the documentation of modules, filters and roles in build/docs
	@$(BIN)/python -m tests.checks.docs

release: $(VENV)/dev.stamp ## build the archive for Galaxy in build/galaxy, check and install it, and run the platform from there
	@$(BIN)/python -m tests.run --only galaxy,e2e/installed
	@$(MAKE) --no-print-directory release-files

release-files: $(VENV)/dev.stamp ## add bills of materials of the archive and the app's image (CycloneDX), and checksums
	@cyclonedx-py requirements --output-reproducible -o build/galaxy/tools.cdx.json requirements.txt
	@cyclonedx-py requirements --output-reproducible --pyproject lotto_app/pyproject.toml \
		-o build/galaxy/lotto_app.cdx.json lotto_app/requirements.txt
	@cd build/galaxy && sha256sum *.tar.gz *.cdx.json >SHA256SUMS

down: ## stop everything that demo started
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local_aws down; fi

clean: down ## stop, and remove all written files
	@rm -rf $(VENV) .local_aws .ansible build .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.*

$(VENV)/run.stamp: requirements.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed, and none is on the PATH. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) can't make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing Ansible and the local AWS into $(VENV): a minute or two, 0.6 GB ..."
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt lotto_app/requirements.txt $(VENV)/run.stamp
	@echo "Installing the test tools into $(VENV): a minute ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

# make run      start the playground            make check   format, lint, types
# make quick    tests without a browser         make test    everything that CI runs
# make long     before an issue is closed       make bench   measure it
# make lock     exact versions for a deployment make audit   what is known against them
# make screenshots   the pictures in README     make clean   forget the installation
# make view     build static/ again after a change in components/view (needs npm; the app itself never does)
PYTHON ?= python3
PORT ?= 8501
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run quick test long check bench screenshots lock audit view clean

run: $(VENV)/.runtime
	@$(BIN)/python -m backend.local fetch || true
	@echo "The playground is at http://localhost:$(PORT)"
	@exec $(BIN)/streamlit run app.py --server.port $(PORT) --server.address $(HOST)

test: $(VENV)/.dev
	@$(BIN)/python scripts/check.py test

quick long: $(VENV)/.dev
	@$(BIN)/python scripts/check.py $@

check: $(VENV)/.dev
	@$(BIN)/python scripts/check.py check

bench: $(VENV)/.dev
	@$(BIN)/python -m bench

screenshots: $(VENV)/.dev
	@$(BIN)/python scripts/screenshots.py

view:
	@cd components/view && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build; \
	  done=$$?; rm -rf node_modules; exit $$done  # packages hold files that the tests of the tree would read

lock: $(VENV)/.runtime
	@$(BIN)/python scripts/lock.py lock

audit: $(VENV)/.audit
	@$(BIN)/python scripts/lock.py audit $(VENV)/audit/bin/pip-audit

clean:
	rm -rf $(VENV)

# The stamps make a second start take no network: pip runs only when a list of requirements has changed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing (once) ..."
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# In a place of its own: what it needs must not change what the app runs with.
$(VENV)/.audit: | $(VENV)/.runtime
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet pip-audit || { echo "Not audited: pip-audit cannot be installed from here."; exit 2; }
	@touch $@

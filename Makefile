# Spotter: `make demo` shows what it does, `make test` checks it, `make bench` measures it.

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
PACKAGE_INPUTS := pyproject.toml constraints.txt hatch_build.py src/spotter/models/registry.toml

.PHONY: help demo test browser bench clean
.DELETE_ON_ERROR:

help:
	@echo "make demo   set everything up and analyse examples/squat.mp4 into out/"
	@echo "make test   set everything up, then lint, check types and run the tests"
	@echo "make browser  run the tests of the page in the installed Chromium"
	@echo "make bench  set up an environment with mediapipe beside Spotter and run the benchmarks"
	@echo "make clean  remove everything that these made"

demo: $(VENV)/.installed
	$(VENV)/bin/spotter analyze examples/squat.mp4 --out out --no-history

test: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	@# Types are checked beside the tests, and three are run at a time: many of them wait.
	@$(VENV)/bin/mypy & types=$$!; \
		$(VENV)/bin/pytest -q -n 3 --dist worksteal; tests=$$?; \
		wait $$types && exit $$tests

browser: $(VENV)/.installed-dev
	SPOTTER_BROWSER=1 $(VENV)/bin/pytest -q tests/browser

bench: $(BENCH_VENV)/.installed
	$(BENCH_VENV)/bin/python -m bench

clean:
	rm -rf $(VENV) $(BENCH_VENV) out bench/out build dist src/spotter/models/weights
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: $(PACKAGE_INPUTS) | $(VENV)/.made
	@echo "Installing Spotter into $(VENV)."
	@$(VENV)/bin/python $(PIP_INSTALL) -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(PACKAGE_INPUTS) | $(VENV)/.made
	@echo "Installing Spotter and what its tests need into $(VENV)."
	@$(VENV)/bin/python $(PIP_INSTALL) -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.installed

# OpenCV's contrib build, which mediapipe brings, needs a desktop's libraries; the headless one goes over it.
$(BENCH_VENV)/.installed: $(PACKAGE_INPUTS) | $(BENCH_VENV)/.made
	@echo "Installing Spotter and mediapipe into $(BENCH_VENV)."
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) -e ".[bench]"
	@$(BENCH_VENV)/bin/python $(PIP_INSTALL) --force-reinstall --no-deps \
		"$$($(BENCH_VENV)/bin/python -m pip freeze | grep '^opencv-python-headless==')"
	@touch $@

$(BENCH_VENV)/.made: NEWEST := 3.12

%/.made:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "Spotter needs Python 3.11 or newer, and there is no $(PYTHON) here." \
			"Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" tools/check_python.py $(NEWEST)
	@echo "Making $*."
	@"$(PYTHON)" -m venv --clear $*
	@touch $@

# Short names for run.py, which does the work and says more: python3 run.py --help
.PHONY: run demo test check bench fix docs

run demo:
	python3 run.py

test check bench fix docs:
	python3 run.py $@

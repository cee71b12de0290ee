# Speed and memory: ratios against a reference in the same run. Not part of
# make check; docs/benchmarks.md holds the table.
BENCHES = tests/bench/layer.py tests/bench/image.py tests/bench/service.py
EXTRA_DIST += $(BENCHES) tests/bench/mklayer.sh tests/bench/image_recipes.py

.PHONY: bench
bench: all
	@. $(top_srcdir)/contrib/node; for b in $(BENCHES); do \
		echo "== $$b"; \
		$(AM_TESTS_ENVIRONMENT) $(srcdir)/$$b || exit 1; \
	done

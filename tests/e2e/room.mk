# end-to-end tests
SCRIPT_TESTS += tests/e2e/worker.test
SCRIPT_TESTS += tests/e2e/cli.test
EXTRA_DIST += tests/e2e/lib/crab.py tests/e2e/lib/images.py \
	tests/e2e/lib/peer.py tests/e2e/lib/proc.py tests/e2e/lib/registry.py \
	tests/e2e/lib/rude.py tests/e2e/lib/tap.py tests/e2e/lib/web.py

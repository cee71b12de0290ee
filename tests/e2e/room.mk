# End-to-end tests (Python 3): the real programs, started and asked.
SCRIPT_TESTS += tests/e2e/worker.test tests/e2e/hostile.test tests/e2e/cli.test \
	tests/e2e/agent.test tests/e2e/server.test tests/e2e/broker.test
EXTRA_DIST += tests/e2e/lib

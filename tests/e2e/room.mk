# end-to-end tests
SCRIPT_TESTS += tests/e2e/worker.test

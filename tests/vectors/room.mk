# vector tests: images with the answer expected for each
SCRIPT_TESTS += tests/vectors/vectors.test tests/vectors/recut.test
EXTRA_DIST += tests/vectors

# vector tests: images with the answer expected for each
SCRIPT_TESTS += tests/vectors/vectors.test
EXTRA_DIST += tests/vectors

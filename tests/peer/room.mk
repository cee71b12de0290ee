# Beside the real scanner: images are made from Debian and npm packages, so
# this needs their registries. Not part of make check.
EXTRA_DIST += tests/peer/check.py tests/peer/kitchen.py tests/peer/recipes.py \
	tests/peer/run-peer.mjs

.PHONY: check-peer
check-peer: all
	@. $(top_srcdir)/contrib/node; \
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/peer/check.py $(PEER_IMAGES)

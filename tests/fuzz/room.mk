# Fuzz targets. A parser gets one by two files and a line in fuzz_programs:
#
#   tests/fuzz/fuzz-NAME.c      LLVMFuzzerTestOneInput(), always returns 0
#   tests/fuzz/corpus/NAME/     small specimens; what once crashed stays here
#
# One of base or the engine says so in a line of its own (dashes in NAME become
# underscores there). `make check` feeds the corpus through each; a build with
# CC=clang --enable-fuzzing links the same targets with libFuzzer, and
# `make fuzz` runs each for FUZZ_SECONDS.
if FUZZING
FUZZING_YES = yes
FUZZ_MAIN = $(FUZZER_LDFLAGS)
else
FUZZ_MAIN = libreplay.a
check_LIBRARIES = libreplay.a
endif
EXTRA_LIBRARIES = libreplay.a
libreplay_a_SOURCES = tests/fuzz/replay.c

FUZZ_BASE = $(FUZZ_MAIN) $(BASE_LIBS)
FUZZ_ENGINE = $(FUZZ_MAIN) $(ENGINE_LIBS)
FUZZ_WORKER = $(FUZZ_MAIN) $(WORKER_LIBS)

fuzz_programs = \
	tests/fuzz/fuzz-apk \
	tests/fuzz/fuzz-autoinst \
	tests/fuzz/fuzz-challenge \
	tests/fuzz/fuzz-chisel \
	tests/fuzz/fuzz-composer \
	tests/fuzz/fuzz-conf \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-credentials \
	tests/fuzz/fuzz-deflate \
	tests/fuzz/fuzz-depsjson \
	tests/fuzz/fuzz-dockerfile \
	tests/fuzz/fuzz-dpkg \
	tests/fuzz/fuzz-filter \
	tests/fuzz/fuzz-frames \
	tests/fuzz/fuzz-glob \
	tests/fuzz/fuzz-go \
	tests/fuzz/fuzz-go-match \
	tests/fuzz/fuzz-index \
	tests/fuzz/fuzz-inflate \
	tests/fuzz/fuzz-jar \
	tests/fuzz/fuzz-javarelease \
	tests/fuzz/fuzz-json \
	tests/fuzz/fuzz-layer \
	tests/fuzz/fuzz-link \
	tests/fuzz/fuzz-manifest \
	tests/fuzz/fuzz-names \
	tests/fuzz/fuzz-nodepkg \
	tests/fuzz/fuzz-npmlock \
	tests/fuzz/fuzz-options \
	tests/fuzz/fuzz-order \
	tests/fuzz/fuzz-osrelease \
	tests/fuzz/fuzz-packet \
	tests/fuzz/fuzz-pnpmlock \
	tests/fuzz/fuzz-poetry \
	tests/fuzz/fuzz-pymeta \
	tests/fuzz/fuzz-reason \
	tests/fuzz/fuzz-record \
	tests/fuzz/fuzz-ref \
	tests/fuzz/fuzz-request \
	tests/fuzz/fuzz-requirements \
	tests/fuzz/fuzz-rpm-bdb \
	tests/fuzz/fuzz-rpm-content \
	tests/fuzz/fuzz-rpm-header \
	tests/fuzz/fuzz-rpm-ndb \
	tests/fuzz/fuzz-rpm-sqlite \
	tests/fuzz/fuzz-semver \
	tests/fuzz/fuzz-skim \
	tests/fuzz/fuzz-toml \
	tests/fuzz/fuzz-upgrade \
	tests/fuzz/fuzz-url \
	tests/fuzz/fuzz-yaml \
	tests/fuzz/fuzz-yarnlock \
	tests/fuzz/fuzz-zip

# What a target links when it does not say: most are of the worker.
LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_conf_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_json_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_manifest_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_ref_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_challenge_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_credentials_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_filter_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_frames_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_index_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_inflate_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_link_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_order_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_packet_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_reason_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_request_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_skim_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_upgrade_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_url_LDADD = $(FUZZ_ENGINE)

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/fuzz/run
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus tests/fuzz/fuzz-image.h \
	tests/fuzz/fuzz-node.h

FUZZ_SECONDS = 60
.PHONY: fuzz
fuzz: $(fuzz_programs)
if FUZZING
	@for program in $(fuzz_programs); do \
	  name=$${program##*/fuzz-}; found=fuzz-found/$$name; \
	  $(MKDIR_P) $$found || exit 1; \
	  echo "fuzz $$name: $(FUZZ_SECONDS) s, new inputs in $$found"; \
	  ./$$program -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=1024 \
	    -artifact_prefix=$$found/ $$found \
	    $(top_srcdir)/tests/fuzz/corpus/$$name || exit 1; \
	done
else
	@echo 'configure with CC=clang --enable-fuzzing to fuzz' >&2; exit 1
endif

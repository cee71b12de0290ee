# Fuzz targets. A parser gets one by a file and two lines:
#
#   tests/fuzz/fuzz-NAME.c      LLVMFuzzerTestOneInput(), always returns 0
#   tests/fuzz/corpus/NAME/     small specimens; what once crashed stays here
#
#   fuzz_programs += tests/fuzz/fuzz-NAME
#   tests_fuzz_fuzz_NAME_LDADD = $(FUZZ_BASE)     or $(FUZZ_ENGINE), $(FUZZ_WORKER)
#
# (dashes in NAME become underscores in the second line). `make check` feeds
# the corpus through each; a build with CC=clang --enable-fuzzing links the
# same targets with libFuzzer, and `make fuzz` runs each for FUZZ_SECONDS.
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

fuzz_programs = tests/fuzz/fuzz-json
tests_fuzz_fuzz_json_LDADD = $(FUZZ_BASE)
fuzz_programs += tests/fuzz/fuzz-challenge tests/fuzz/fuzz-link \
	tests/fuzz/fuzz-credentials
tests_fuzz_fuzz_challenge_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_link_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_credentials_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-packet
tests_fuzz_fuzz_packet_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-filter
tests_fuzz_fuzz_filter_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-inflate tests/fuzz/fuzz-reason \
	tests/fuzz/fuzz-request
tests_fuzz_fuzz_inflate_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_reason_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_request_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-url tests/fuzz/fuzz-upgrade \
	tests/fuzz/fuzz-frames
tests_fuzz_fuzz_url_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_upgrade_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_frames_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-deflate
tests_fuzz_fuzz_deflate_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-layer
tests_fuzz_fuzz_layer_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-apk tests/fuzz/fuzz-dpkg \
	tests/fuzz/fuzz-record
tests_fuzz_fuzz_apk_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_dpkg_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_record_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-nodepkg tests/fuzz/fuzz-npmlock \
	tests/fuzz/fuzz-semver
tests_fuzz_fuzz_npmlock_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_nodepkg_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_semver_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-zip tests/fuzz/fuzz-jar
tests_fuzz_fuzz_zip_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_jar_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-skim tests/fuzz/fuzz-order
tests_fuzz_fuzz_skim_LDADD = $(FUZZ_ENGINE)
tests_fuzz_fuzz_order_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-conf tests/fuzz/fuzz-manifest tests/fuzz/fuzz-ref
tests_fuzz_fuzz_conf_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_manifest_LDADD = $(FUZZ_BASE)
tests_fuzz_fuzz_ref_LDADD = $(FUZZ_BASE)
fuzz_programs += tests/fuzz/fuzz-index
tests_fuzz_fuzz_index_LDADD = $(FUZZ_ENGINE)
fuzz_programs += tests/fuzz/fuzz-rpm-bdb tests/fuzz/fuzz-rpm-ndb \
	tests/fuzz/fuzz-rpm-sqlite tests/fuzz/fuzz-rpm-header
tests_fuzz_fuzz_rpm_bdb_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_rpm_ndb_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_rpm_sqlite_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_rpm_header_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-yarnlock tests/fuzz/fuzz-pnpmlock \
	tests/fuzz/fuzz-yaml
tests_fuzz_fuzz_yarnlock_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_pnpmlock_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_yaml_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-composer tests/fuzz/fuzz-depsjson \
	tests/fuzz/fuzz-poetry tests/fuzz/fuzz-pymeta \
	tests/fuzz/fuzz-requirements tests/fuzz/fuzz-toml
tests_fuzz_fuzz_composer_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_depsjson_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_poetry_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_pymeta_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_requirements_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_toml_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-go tests/fuzz/fuzz-go-match
tests_fuzz_fuzz_go_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_go_match_LDADD = $(FUZZ_WORKER)
fuzz_programs += tests/fuzz/fuzz-glob tests/fuzz/fuzz-dockerfile \
	tests/fuzz/fuzz-options
tests_fuzz_fuzz_glob_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_dockerfile_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_options_LDADD = $(FUZZ_WORKER)

fuzz_programs += tests/fuzz/fuzz-autoinst tests/fuzz/fuzz-chisel \
	tests/fuzz/fuzz-javarelease tests/fuzz/fuzz-osrelease \
	tests/fuzz/fuzz-rpm-content
tests_fuzz_fuzz_autoinst_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_chisel_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_javarelease_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_osrelease_LDADD = $(FUZZ_WORKER)
tests_fuzz_fuzz_rpm_content_LDADD = $(FUZZ_WORKER)

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/fuzz/run
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus tests/fuzz/fuzz-image.h

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

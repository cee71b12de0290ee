# Unit tests mirror the tree: tests/unit/<room>-<module>.c. One program per
# colour, since each links what that colour may link.
if HAVE_CRITERION
unit_programs = tests/unit/base.unit tests/unit/engine.unit \
	tests/unit/worker.unit
endif
EXTRA_PROGRAMS = tests/unit/base.unit tests/unit/engine.unit \
	tests/unit/worker.unit

UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CRITERION_CFLAGS) \
	-DFIXTURES='"$(abs_top_srcdir)/tests/fixtures"' \
	-DMANUALS='"$(abs_top_srcdir)/man"' \
	-DTEST_WORKER='"$(abs_top_builddir)/crab-worker"'

tests_unit_base_unit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_base_unit_LDADD = $(BASE_LIBS) $(CRITERION_LIBS)
tests_unit_base_unit_SOURCES =
tests_unit_engine_unit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_engine_unit_LDADD = $(ENGINE_LIBS) $(CRITERION_LIBS)
tests_unit_engine_unit_SOURCES = tests/unit/engine.h
tests_unit_worker_unit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_worker_unit_LDADD = $(WORKER_LIBS) $(CRITERION_LIBS)
tests_unit_worker_unit_SOURCES =

include tests/unit/base.mk
include tests/unit/oci.mk
include tests/unit/conf.mk
include tests/unit/loop.mk
include tests/unit/net.mk
include tests/unit/httpd.mk
include tests/unit/tunnel.mk
include tests/unit/filter.mk
include tests/unit/registry.mk
include tests/unit/source.mk
include tests/unit/store.mk
include tests/unit/scan.mk
include tests/unit/agent.mk
include tests/unit/broker.mk
include tests/unit/server.mk
include tests/unit/cli.mk
include tests/unit/archive.mk
include tests/unit/analyze.mk
include tests/unit/glob.mk
include tests/unit/image.mk
include tests/unit/graph.mk
include tests/unit/sandbox.mk

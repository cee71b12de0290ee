# Unit tests mirror the tree: tests/unit/<room>-<module>.c. One program per
# colour, since each links what that colour may link.
if HAVE_CRITERION
unit_programs = tests/unit/base.unit tests/unit/engine.unit \
	tests/unit/worker.unit
forked_programs = $(unit_programs:.unit=.forked)
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

# The same tests for valgrind, see forked.c.
EXTRA_PROGRAMS += tests/unit/base.forked tests/unit/engine.forked \
	tests/unit/worker.forked
tests_unit_base_forked_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_base_forked_SOURCES = tests/unit/forked.c
tests_unit_base_forked_LDADD = $(tests_unit_base_unit_OBJECTS) \
	$(tests_unit_base_unit_LDADD)
EXTRA_tests_unit_base_forked_DEPENDENCIES = $(tests_unit_base_unit_OBJECTS)
tests_unit_engine_forked_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_engine_forked_SOURCES = tests/unit/forked.c tests/unit/forked-warm.c
tests_unit_engine_forked_LDADD = $(tests_unit_engine_unit_OBJECTS) \
	$(tests_unit_engine_unit_LDADD)
EXTRA_tests_unit_engine_forked_DEPENDENCIES = $(tests_unit_engine_unit_OBJECTS)
tests_unit_worker_forked_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_worker_forked_SOURCES = tests/unit/forked.c
tests_unit_worker_forked_LDADD = $(tests_unit_worker_unit_OBJECTS) \
	$(tests_unit_worker_unit_LDADD)
EXTRA_tests_unit_worker_forked_DEPENDENCIES = $(tests_unit_worker_unit_OBJECTS)

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

# Everything under `make check` prints TAP; the summary counts each claim.
TEST_EXTENSIONS = .unit .test
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
UNIT_LOG_DRIVER = $(TAP_DRIVER)
UNIT_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/unit/run
TEST_LOG_DRIVER = $(TAP_DRIVER)
AM_TESTS_ENVIRONMENT = \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	CRAB='$(abs_top_builddir)/crab'; export CRAB; \
	CRABD='$(abs_top_builddir)/crabd'; export CRABD; \
	CRAB_WORKER='$(abs_top_builddir)/crab-worker'; export CRAB_WORKER; \
	SRCDIR='$(abs_top_srcdir)'; export SRCDIR; \
	BUILDDIR='$(abs_top_builddir)'; export BUILDDIR; \
	FUZZING='$(FUZZING_YES)'; export FUZZING;

check_PROGRAMS = $(unit_programs)
TESTS = $(unit_programs) $(SCRIPT_TESTS)
SCRIPT_TESTS =
EXTRA_DIST += $(SCRIPT_TESTS) tests/unit/run tests/unit/lsan.supp

include tests/vectors/room.mk
include tests/e2e/room.mk
include tests/peer/room.mk

.PHONY: rooms man-lint check-asan check-valgrind

# Includes keep to the table of rooms.
rooms:
	$(srcdir)/contrib/rooms $(abs_top_srcdir)

man-lint:
	mandoc -Tlint -Wwarning $(PAGES:%=$(top_srcdir)/%)

# The whole suite once more, in a build of its own with ASan and UBSan.
check-asan:
	$(MKDIR_P) asan
	test -f asan/Makefile || (cd asan && $(abs_top_srcdir)/configure \
		--quiet --enable-sanitizers CFLAGS='-O1 -g' CC='$(CC)')
	$(MAKE) -C asan check

# All unit tests under valgrind, or the programs named in VALGRIND_TESTS.
check-valgrind: $(forked_programs)
	VALGRIND=1 $(MAKE) check TESTS="$${VALGRIND_TESTS-$(unit_programs)}"

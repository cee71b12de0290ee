# the three programs
bin_PROGRAMS = crab
sbin_PROGRAMS = crabd
libexec_PROGRAMS = crab-worker

# These stand alone, and the unit tests of the engine link them too.
CLI_PURE = src/cli/args.c src/cli/args.h src/cli/table.c src/cli/table.h
CLI_SERVICE = src/cli/footprint.c src/cli/footprint.h

crab_SOURCES = \
	$(CLI_PURE) \
	src/cli/cli.h \
	src/cli/cmd-check.c \
	src/cli/cmd-ls.c \
	src/cli/cmd-scan.c \
	src/cli/context.c \
	src/cli/crab.c \
	src/cli/login.c src/cli/login.h \
	src/cli/progress.c src/cli/progress.h \
	src/cli/version.c src/cli/version.h
crab_LDADD = $(ENGINE_LIBS)

crabd_SOURCES = \
	$(CLI_SERVICE) \
	src/cli/crabd.c \
	src/cli/notify.c src/cli/notify.h \
	src/cli/service.c src/cli/service.h \
	src/cli/version.c src/cli/version.h
crabd_LDADD = $(ENGINE_LIBS)

crab_worker_SOURCES = src/worker/main.c
crab_worker_LDADD = $(WORKER_LIBS)

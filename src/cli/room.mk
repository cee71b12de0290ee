# the three programs
bin_PROGRAMS = crab
sbin_PROGRAMS = crabd
libexec_PROGRAMS = crab-worker

crab_SOURCES = src/cli/crab.c
crab_LDADD = $(ENGINE_LIBS)

crabd_SOURCES = src/cli/crabd.c
crabd_LDADD = $(ENGINE_LIBS)

crab_worker_SOURCES = src/worker/main.c
crab_worker_LDADD = $(WORKER_LIBS)

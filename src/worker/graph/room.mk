# sources of worker/graph
libworker_a_SOURCES += \
	src/worker/graph/appfiles.c \
	src/worker/graph/berry-descriptor.c src/worker/graph/berry-descriptor.h \
	src/worker/graph/berry-resolutions.c \
	src/worker/graph/berry-resolutions.h \
	src/worker/graph/composer.c \
	src/worker/graph/configfacts.c src/worker/graph/configfacts.h \
	src/worker/graph/depgraph.c src/worker/graph/depgraph.h \
	src/worker/graph/deptree.h \
	src/worker/graph/dockerfile.c src/worker/graph/dockerfile.h \
	src/worker/graph/docktext.c src/worker/graph/docktext.h \
	src/worker/graph/dockvars.c src/worker/graph/dockvars.h \
	src/worker/graph/dotnet.c \
	src/worker/graph/facts.c src/worker/graph/facts.h \
	src/worker/graph/facts-private.h \
	src/worker/graph/factversion.h \
	src/worker/graph/frequency.c src/worker/graph/frequency.h \
	src/worker/graph/gomodules.c \
	src/worker/graph/gotext.c src/worker/graph/gotext.h \
	src/worker/graph/installcmd.c src/worker/graph/installcmd.h \
	src/worker/graph/instructions.c src/worker/graph/instructions.h \
	src/worker/graph/jarowner.c src/worker/graph/jarowner.h \
	src/worker/graph/jars.c \
	src/worker/graph/jsdate.c src/worker/graph/jsdate.h \
	src/worker/graph/namedfiles.c src/worker/graph/namedfiles.h \
	src/worker/graph/names.c src/worker/graph/names.h \
	src/worker/graph/node.c src/worker/graph/node.h \
	src/worker/graph/node-berry.c \
	src/worker/graph/node-choose.c src/worker/graph/node-choose.h \
	src/worker/graph/node-cycles.c \
	src/worker/graph/node-lock.c src/worker/graph/node-lock.h \
	src/worker/graph/node-locks.c \
	src/worker/graph/node-manifest.c \
	src/worker/graph/node-modules.c \
	src/worker/graph/node-npm.c src/worker/graph/node-npm.h \
	src/worker/graph/node-npm1.c \
	src/worker/graph/node-npmlock.c \
	src/worker/graph/node-override.c src/worker/graph/node-override.h \
	src/worker/graph/node-pairs.h \
	src/worker/graph/node-phys.c src/worker/graph/node-phys.h \
	src/worker/graph/node-pnpm.c \
	src/worker/graph/node-tree.c src/worker/graph/node-tree.h \
	src/worker/graph/node-walk.c src/worker/graph/node-walk.h \
	src/worker/graph/node-yarn.h \
	src/worker/graph/node-yarn1.c \
	src/worker/graph/osdetect.c src/worker/graph/osdetect.h \
	src/worker/graph/osfacts.c \
	src/worker/graph/ospkgs.c src/worker/graph/ospkgs.h \
	src/worker/graph/ostree-history.c \
	src/worker/graph/ostree.c src/worker/graph/ostree.h \
	src/worker/graph/ostree-private.h \
	src/worker/graph/pair.c src/worker/graph/pair.h \
	src/worker/graph/pip.c \
	src/worker/graph/pnpm-key.c src/worker/graph/pnpm-key.h \
	src/worker/graph/poetry.c \
	src/worker/graph/purl.c src/worker/graph/purl.h \
	src/worker/graph/pydist.c src/worker/graph/pydist.h \
	src/worker/graph/pymarker.c src/worker/graph/pymarker.h \
	src/worker/graph/report.c src/worker/graph/report.h \
	src/worker/graph/reporters.c src/worker/graph/reporters.h \
	src/worker/graph/rpmpkgs.c src/worker/graph/rpmpkgs.h \
	src/worker/graph/treegraph.c \
	src/worker/graph/truncate.c src/worker/graph/truncate.h \
	src/worker/graph/varpattern.c src/worker/graph/varpattern.h \
	src/worker/graph/walk.c src/worker/graph/walk.h

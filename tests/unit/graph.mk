# unit tests of graph
tests_unit_worker_unit_SOURCES += \
	tests/unit/app-rig.h \
	tests/unit/graph-berry.c \
	tests/unit/graph-composer.c \
	tests/unit/graph-depgraph.c \
	tests/unit/graph-dockerfile.c \
	tests/unit/graph-dotnet.c \
	tests/unit/graph-frequency.c \
	tests/unit/graph-gomodules.c \
	tests/unit/graph-instructions.c \
	tests/unit/graph-jars.c \
	tests/unit/graph-names.c \
	tests/unit/graph-node-manifest.c \
	tests/unit/graph-node-modules.c \
	tests/unit/graph-node-npm.c \
	tests/unit/graph-node-npm1.c \
	tests/unit/graph-node-pnpm.c \
	tests/unit/graph-node-yarn.c \
	tests/unit/graph-osdetect.c \
	tests/unit/graph-ospkgs.c \
	tests/unit/graph-ostree.c \
	tests/unit/graph-pip.c \
	tests/unit/graph-poetry.c \
	tests/unit/graph-purl.c \
	tests/unit/graph-truncate.c

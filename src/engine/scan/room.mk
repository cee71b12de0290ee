# sources of engine/scan
libengine_a_SOURCES += \
	src/engine/scan/assemble.c \
	src/engine/scan/layer-flight.c \
	src/engine/scan/record.c \
	src/engine/scan/scan-private.h \
	src/engine/scan/scan.c src/engine/scan/scan.h \
	src/engine/scan/scanner.c \
	src/engine/scan/variant.c

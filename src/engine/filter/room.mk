# sources of engine/filter
libengine_a_SOURCES += \
	src/engine/filter/filter.c src/engine/filter/filter.h \
	src/engine/filter/filter-private.h \
	src/engine/filter/path.c src/engine/filter/path.h \
	src/engine/filter/re.c src/engine/filter/re.h \
	src/engine/filter/re-match.c src/engine/filter/re-private.h \
	src/engine/filter/registry-rules.c src/engine/filter/resolve.c \
	src/engine/filter/valid.c src/engine/filter/valid.h \
	src/engine/filter/vars.c src/engine/filter/vars.h

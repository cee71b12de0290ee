# unit tests of base and json
tests_unit_base_unit_SOURCES += \
	tests/unit/base-buf.c \
	tests/unit/base-bytes.c \
	tests/unit/base-clock.c \
	tests/unit/base-digest.c \
	tests/unit/base-encode.c \
	tests/unit/base-err.c \
	tests/unit/base-jstext.c \
	tests/unit/base-list.c \
	tests/unit/base-log.c \
	tests/unit/base-map.c \
	tests/unit/base-str.c \
	tests/unit/base-units.c \
	tests/unit/json-globlist.c \
	tests/unit/json-jr.c \
	tests/unit/json-jw.c \
	tests/unit/json-jx.c

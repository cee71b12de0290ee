# unit tests of tunnel
tests_unit_engine_unit_SOURCES += tests/unit/tunnel-specimens.h \
	tests/unit/tunnel-ejson.c tests/unit/tunnel-machines.c \
	tests/unit/tunnel-exchange.c tests/unit/tunnel-session.c
EXTRA_DIST += tests/fixtures/tunnel/frames.txt

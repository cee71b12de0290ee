# unit tests of httpd, and the fakes that are built on it
tests_unit_engine_unit_SOURCES += \
	tests/fake/fake-cert.c tests/fake/fake-cert.h \
	tests/fake/fake-http.c tests/fake/fake-http.h \
	tests/fake/raw-client.c tests/fake/raw-client.h \
	tests/unit/httpd-body.c \
	tests/unit/httpd-conn.c \
	tests/unit/httpd-fake.c \
	tests/unit/httpd-h1.c \
	tests/unit/httpd-listen.c \
	tests/unit/httpd-reply.c \
	tests/unit/httpd-site.c tests/unit/httpd-site.h \
	tests/unit/net-headers.c

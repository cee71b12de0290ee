# unit tests of oci
tests_unit_base_unit_SOURCES += \
	tests/unit/oci-manifest.c \
	tests/unit/oci-platform.c \
	tests/unit/oci-ref.c

# sources of base/oci
libbase_a_SOURCES += \
	src/base/oci/manifest.c src/base/oci/manifest.h \
	src/base/oci/platform.c src/base/oci/platform.h \
	src/base/oci/ref.c src/base/oci/ref.h

# unit tests of analyze
tests_unit_worker_unit_SOURCES += tests/unit/layer-rig.h tests/unit/tar-rig.h \
	tests/unit/analyze-analyze.c \
	tests/unit/analyze-apk.c \
	tests/unit/analyze-chisel.c \
	tests/unit/analyze-dpkg.c \
	tests/unit/analyze-jar.c \
	tests/unit/analyze-go.c tests/unit/go-rig.h \
	tests/unit/analyze-go-match.c \
	tests/unit/analyze-javarelease.c \
	tests/unit/analyze-nodepkg.c \
	tests/unit/analyze-npmlock.c \
	tests/unit/analyze-osrelease.c \
	tests/unit/analyze-semver.c
EXTRA_DIST += tests/fixtures/semver/versions.json \
	tests/fixtures/semver/ranges.json
tests_unit_worker_unit_SOURCES += tests/unit/analyze-manifestmf.c
tests_unit_worker_unit_SOURCES += tests/unit/rpm-rig.h \
	tests/unit/analyze-rpm.c tests/unit/analyze-rpm-header.c
tests_unit_worker_unit_SOURCES += tests/unit/node-rig.h \
	tests/unit/analyze-pnpmlock.c tests/unit/analyze-yaml.c \
	tests/unit/analyze-yarnlock.c
tests_unit_worker_unit_SOURCES += \
	tests/unit/analyze-jserror.c tests/unit/analyze-jsobj.c \
	tests/unit/analyze-pep440.c tests/unit/analyze-toml.c
tests_unit_worker_unit_SOURCES += tests/unit/analyze-truncated.c
tests_unit_worker_unit_SOURCES += tests/unit/analyze-versions.c

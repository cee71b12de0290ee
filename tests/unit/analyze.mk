# unit tests of analyze
tests_unit_worker_unit_SOURCES += \
	tests/unit/analyze-analyze.c \
	tests/unit/analyze-apk.c \
	tests/unit/analyze-chisel.c \
	tests/unit/analyze-dpkg.c \
	tests/unit/analyze-go-match.c \
	tests/unit/analyze-go.c \
	tests/unit/analyze-jar.c \
	tests/unit/analyze-javarelease.c \
	tests/unit/analyze-jserror.c \
	tests/unit/analyze-jsobj.c \
	tests/unit/analyze-manifestmf.c \
	tests/unit/analyze-nodepkg.c \
	tests/unit/analyze-npmlock.c \
	tests/unit/analyze-osrelease.c \
	tests/unit/analyze-pep440.c \
	tests/unit/analyze-pnpmlock.c \
	tests/unit/analyze-rpm-db.c \
	tests/unit/analyze-rpm-header.c \
	tests/unit/analyze-rpm-sqlite.c \
	tests/unit/analyze-rpm.c \
	tests/unit/analyze-semver.c \
	tests/unit/analyze-toml.c \
	tests/unit/analyze-truncated.c \
	tests/unit/analyze-versions.c \
	tests/unit/analyze-yaml.c \
	tests/unit/analyze-yarnlock.c \
	tests/unit/fixture.h \
	tests/unit/go-rig.h \
	tests/unit/layer-rig.h \
	tests/unit/node-rig.h \
	tests/unit/rpm-db-rig.h \
	tests/unit/rpm-rig.h \
	tests/unit/tar-rig.h
EXTRA_DIST += tests/fixtures/semver tests/fixtures/versions

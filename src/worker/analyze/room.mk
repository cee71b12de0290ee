# sources of worker/analyze
libworker_a_SOURCES += \
	src/worker/analyze/analyze.c src/worker/analyze/analyze.h \
	src/worker/analyze/analyzer.h \
	src/worker/analyze/apk.c \
	src/worker/analyze/appfile.c \
	src/worker/analyze/chisel.c \
	src/worker/analyze/composer.c \
	src/worker/analyze/depsjson.c \
	src/worker/analyze/dpkg.c \
	src/worker/analyze/elf.c src/worker/analyze/elf.h \
	src/worker/analyze/globfile.c \
	src/worker/analyze/go.c \
	src/worker/analyze/go-buildinfo.c src/worker/analyze/go-buildinfo.h \
	src/worker/analyze/go-found.c src/worker/analyze/go-found.h \
	src/worker/analyze/go-match.c src/worker/analyze/go-match.h \
	src/worker/analyze/go-match-peer.c \
	src/worker/analyze/go-modules.c src/worker/analyze/go-modules.h \
	src/worker/analyze/go-path.c src/worker/analyze/go-path.h \
	src/worker/analyze/go-pclntab.c src/worker/analyze/go-pclntab.h \
	src/worker/analyze/go-prefix.c src/worker/analyze/go-prefix.h \
	src/worker/analyze/jar.c \
	src/worker/analyze/javarelease.c \
	src/worker/analyze/jserror.c src/worker/analyze/jserror.h \
	src/worker/analyze/jsobj.c src/worker/analyze/jsobj.h \
	src/worker/analyze/jspairs.c src/worker/analyze/jspairs.h \
	src/worker/analyze/keybinary.c \
	src/worker/analyze/locktree.c src/worker/analyze/locktree.h \
	src/worker/analyze/manifestmf.c src/worker/analyze/manifestmf.h \
	src/worker/analyze/nodepkg.c \
	src/worker/analyze/npmlock.c \
	src/worker/analyze/osrelease.c \
	src/worker/analyze/pkglist.c src/worker/analyze/pkglist.h \
	src/worker/analyze/pnpmlock.c \
	src/worker/analyze/poetry.c \
	src/worker/analyze/pomprops.c src/worker/analyze/pomprops.h \
	src/worker/analyze/pymeta.c \
	src/worker/analyze/pyreq.c src/worker/analyze/pyreq.h \
	src/worker/analyze/requirements.c \
	src/worker/analyze/rpm-bdb.c \
	src/worker/analyze/rpm-content.c \
	src/worker/analyze/rpm-db.c src/worker/analyze/rpm-db.h \
	src/worker/analyze/rpm-deps.c src/worker/analyze/rpm-deps.h \
	src/worker/analyze/rpm-header.c src/worker/analyze/rpm-header.h \
	src/worker/analyze/rpm-ndb.c \
	src/worker/analyze/rpm-sqlite.c src/worker/analyze/rpm-sqlite.h \
	src/worker/analyze/rpm-wal.c \
	src/worker/analyze/sqlite-body.c src/worker/analyze/sqlite-body.h \
	src/worker/analyze/table.c \
	src/worker/analyze/texttree.c src/worker/analyze/texttree.h \
	src/worker/analyze/toml.c src/worker/analyze/toml.h \
	src/worker/analyze/toml-parse.c \
	src/worker/analyze/toml-private.h \
	src/worker/analyze/toml-scalar.c \
	src/worker/analyze/yaml.c src/worker/analyze/yaml.h \
	src/worker/analyze/yarn1.c src/worker/analyze/yarn1.h \
	src/worker/analyze/yarnlock.c \
	src/worker/analyze/version/apk.c src/worker/analyze/version/apk.h \
	src/worker/analyze/version/digits.c src/worker/analyze/version/digits.h \
	src/worker/analyze/version/dpkg.c src/worker/analyze/version/dpkg.h \
	src/worker/analyze/version/pep440.c src/worker/analyze/version/pep440.h \
	src/worker/analyze/version/rpm.c src/worker/analyze/version/rpm.h \
	src/worker/analyze/version/semver.c src/worker/analyze/version/semver.h \
	src/worker/analyze/version/semver-private.h \
	src/worker/analyze/version/semver-range.c \
	src/worker/analyze/version/semver-set.c \
	src/worker/analyze/version/semver-text.c

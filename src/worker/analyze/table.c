/* Who reads what: one row each. The order is the order of record lines of
 * one entry, no more. */
#include "worker/analyze/analyzer.h"

#include <stddef.h>

extern const struct analyzer analyzer_apk;
extern const struct analyzer analyzer_autoinst;
extern const struct analyzer analyzer_chisel;
extern const struct analyzer analyzer_composer;
extern const struct analyzer analyzer_composerlock;
extern const struct analyzer analyzer_depsjson;
extern const struct analyzer analyzer_dpkg;
extern const struct analyzer analyzer_jar;
extern const struct analyzer analyzer_jarlike;
extern const struct analyzer analyzer_go;
extern const struct analyzer analyzer_javarelease;
extern const struct analyzer analyzer_keybinary;
extern const struct analyzer analyzer_nodepkg;
extern const struct analyzer analyzer_nodefile;
extern const struct analyzer analyzer_npmlock;
extern const struct analyzer analyzer_osrelease;
extern const struct analyzer analyzer_pyfile;
extern const struct analyzer analyzer_poetry;
extern const struct analyzer analyzer_poetrylock;
extern const struct analyzer analyzer_pymeta;
extern const struct analyzer analyzer_requirements;
extern const struct analyzer analyzer_rpm_bdb;
extern const struct analyzer analyzer_rpm_content;
extern const struct analyzer analyzer_rpm_ndb;
extern const struct analyzer analyzer_rpm_sqlite;
extern const struct analyzer analyzer_rpm_wal;
extern const struct analyzer analyzer_pnpmlock;
extern const struct analyzer analyzer_yarnlock;

const struct analyzer *const analyzers[] = {
    &analyzer_apk,
    &analyzer_dpkg,
    &analyzer_autoinst,
    &analyzer_chisel,
    &analyzer_osrelease,
    &analyzer_javarelease,
    &analyzer_keybinary,
    &analyzer_nodepkg,
    &analyzer_composer,
    &analyzer_composerlock,
    &analyzer_npmlock,
    &analyzer_depsjson,
    &analyzer_poetry,
    &analyzer_poetrylock,
    &analyzer_pymeta,
    &analyzer_requirements,
    &analyzer_jar,
    &analyzer_jarlike,
    &analyzer_rpm_bdb,
    &analyzer_rpm_ndb,
    &analyzer_rpm_sqlite,
    &analyzer_rpm_wal,
    &analyzer_rpm_content,
    &analyzer_yarnlock,
    &analyzer_pnpmlock,
    &analyzer_nodefile,
    &analyzer_pyfile,
    &analyzer_go,
    NULL,
};

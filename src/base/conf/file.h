/* base/conf/file.h: small files: crab.conf, and those NAME_FILE names. */
#ifndef BASE_CONF_FILE_H
#define BASE_CONF_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"

#define CONF_FILE_MAX_BYTES (1u << 20)

/* The whole of a file, appended; more than the buffer takes is ERR_LIMIT. */
int conf_read_file(struct buf *out, const char *path, struct err *err);

/*
 * Lines NAME=value into `vars`, name to an owned char *. Blank lines and
 * lines that begin with # are skipped; blanks around name and value and one
 * pair of quotes around the value are cut; "export " in front is allowed.
 * Errors name file and line.
 */
int conf_parse_file(struct map *vars, struct bytes text, const char *path,
                    struct err *err);

#endif

/* engine/source/member-path.h: names in an archive, and which are the same. */
#ifndef ENGINE_SOURCE_MEMBER_PATH_H
#define ENGINE_SOURCE_MEMBER_PATH_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Without "./", "//", and "x/.." pairs, and without a slash at either end;
 * relative to the archive's root. Caller owns. NULL for a name that climbs
 * above the root or is longer than 4096 bytes.
 */
char *member_path(struct bytes name);
/* `target` as a symbolic link at `at` means it: from the root when it begins
 * with "/", else from the folder of `at`. Caller owns; NULL as above. */
char *member_link(const char *at, struct bytes target);
/* Behind the last "/". */
const char *member_base(const char *path);

#endif

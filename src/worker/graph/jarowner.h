/*
 * worker/graph/jarowner.h: of the coordinates found in a jar, which are the
 * jar's own?
 *
 * A jar that swallowed others (a shaded one) has a pom.properties of each.
 *
 *   compat   the last one whose artifact is part of the jar's location, be it
 *            the name of a folder
 *   right    one in its proper place in the jar, whose artifact the file's
 *            name begins with, before the version; else the only one the
 *            manifest speaks of; else the only one of all, if the file's
 *            name ends with its artifact
 */
#ifndef WORKER_GRAPH_JAROWNER_H
#define WORKER_GRAPH_JAROWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/json/jx.h"

struct jar_pom {
    struct bytes group, artifact, version; /* borrow */
    bool is_home;  /* lies where Maven puts it */
    bool is_own;
};

struct jar_poms {
    struct jar_pom *at; /* owns */
    size_t n;
    const struct jar_pom *own; /* one of them, or NULL */
};

/*
 * archive: an element of a record's list (records.md); borrowed for the life
 * of *out. location: where it is, UTF-8; name: the part of it that is the
 * archive's own, of the file or of the entry.
 */
void jar_poms_read(struct jar_poms *out, const struct jx *archive,
                   struct bytes location, struct bytes name, bool compat);
void jar_poms_clear(struct jar_poms *poms);

#define auto_jar_poms __attribute__((cleanup(jar_poms_clear)))

#endif

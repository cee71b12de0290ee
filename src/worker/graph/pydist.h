/*
 * worker/graph/pydist.h: installed distributions of Python, found by what
 * others ask for (scan-facts.md §13.1).
 *
 *   right    names as PEP 503 compares them, versions and constraints as
 *            PEP 440 says; what another distribution carries inside of it
 *            (".../_vendor/") is nobody's dependency
 *   compat   lower-case names, versions coerced to semver
 */
#ifndef WORKER_GRAPH_PYDIST_H
#define WORKER_GRAPH_PYDIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json/jx.h"
#include "base/map.h"
#include "worker/image/merge.h"

struct pydist {
    char *name;            /* owns: in lower case */
    const char *version;   /* borrows from the merge */
    const struct jx *data; /* borrows: of kind pymeta */
    struct pyfolder *folder; /* borrows */
    size_t place;          /* order of appearance */
    bool reached;          /* someone was led here */
    bool needed;           /* for the caller */
};

/* Where distributions are installed: ".../site-packages". */
struct pyfolder {
    char *path;         /* owns */
    struct pydist **at; /* owns the array */
    size_t n;
    struct map *by_name; /* owns: name to the highest of that name here */
};

struct pydists {
    bool compat;
    struct pydist **at; /* owns, with what it points to */
    size_t n;
    struct map *by_name;   /* owns the values: struct py_namesakes */
    struct map *by_folder; /* owns the values: struct pyfolder */
};

void pydists_find(struct pydists *out, const struct merge *files, bool compat);
void pydists_clear(struct pydists *d);
#define auto_pydists __attribute__((cleanup(pydists_clear)))

/*
 * What a requirement (pyreq.h) of `from` (NULL: of the application) means
 * here; NULL: it is not installed. In right mode its own folder comes first.
 */
struct pydist *pydists_choose(const struct pydists *d,
                              const struct pydist *from,
                              const struct jx *req);

/* Extras a requirement asks for, an array of texts, or NULL. "" is none. */
const struct jx *pydist_asked(const struct pydists *d, const struct jx *req);

/* Whether a requirement of `dist` counts when its extras `asked` are wanted;
 * dist NULL: a requirement of the application. */
bool pydist_wants(const struct pydists *d, const struct pydist *dist,
                  const struct jx *req, const struct jx *asked);

#endif

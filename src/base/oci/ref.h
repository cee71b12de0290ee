/*
 * base/oci/ref.h: image references: [host[:port]/]repository[:tag][@digest].
 * Pure.
 */
#ifndef BASE_OCI_REF_H
#define BASE_OCI_REF_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/err.h"

struct ref {
    char *host;   /* "host[:port]", NULL when none is written */
    char *repo;   /* "team/app" */
    char *tag;    /* NULL without */
    char *digest; /* "sha256:..." or NULL; wins over the tag */
};

/*
 * As the command line takes it: the text before the first "/" is a host when
 * it holds "." or ":" or is "localhost". Neither tag nor digest: tag "latest".
 * ERR_INPUT, code INVALID_NAME, for anything that is none.
 */
int ref_parse(struct ref *out, const char *text, struct err *err);
/*
 * As the agent takes it (agent-api.md §3.1): there is no host; a leading
 * `registry_base` + "/" is removed.
 */
int ref_parse_in(struct ref *out, const char *text, const char *registry_base,
                 struct err *err);
void ref_clear(struct ref *r);
/* Repository rule of agent-api.md §3: OCI names, upper case allowed. */
bool ref_repo_valid(const char *repo);
bool ref_tag_valid(const char *tag);
/* digest, else tag, else "latest"; borrowed. */
const char *ref_selector(const struct ref *r);
/* "host/repo:tag@digest" as far as present; caller owns. */
char *ref_format(const struct ref *r);

#define auto_ref __attribute__((cleanup(ref_clear)))

#endif

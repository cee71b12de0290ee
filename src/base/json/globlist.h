/*
 * base/json/globlist.h: option globsToFind of a scan as it counts: what the
 * engine asks records for, and what is reported.
 */
#ifndef BASE_JSON_GLOBLIST_H
#define BASE_JSON_GLOBLIST_H

#include "base/analyzer.h"
#include "base/auto.h"
#include "base/err.h"
#include "base/json/jx.h"

struct globlist {
    struct analyzer_variant variant; /* owns its arrays, borrows the texts */
};

/*
 * From a scan's options (NULL: none); their texts are borrowed. Includes with
 * the text "composer" in them do not count: those files are read anyway.
 * ERR_INPUT when it is no such option, ERR_LIMIT above analyzer.h's ceilings.
 */
int globlist_read(struct globlist *out, const struct jx *options,
                  struct err *err);
void globlist_clear(struct globlist *g);

#define auto_globlist __attribute__((cleanup(globlist_clear)))

#endif

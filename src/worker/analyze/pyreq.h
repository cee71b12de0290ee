/*
 * worker/analyze/pyreq.h: one requirement of Python, as METADATA and
 * requirements.txt write it: "requests[socks] (>=2,<3) ; extra == 'x'".
 *
 * It is read twice: as the peer does, whose expressions take one specifier
 * and stumble over blanks, and as PEP 508 says. In a record:
 *
 *   {"n":name,"x":[extras],"s":"<=","w":"2",   the peer's reading
 *    "c":">=2,<3","rx":[extras],               ours, where it differs
 *    "m":marker,"only":"peer" or "right"}      "only": for one mode
 */
#ifndef WORKER_ANALYZE_PYREQ_H
#define WORKER_ANALYZE_PYREQ_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/json/jw.h"

enum pyreq_source { PYREQ_METADATA, PYREQ_FILE };
enum pyreq_for { PYREQ_BOTH, PYREQ_PEER, PYREQ_RIGHT };

/* All borrowed from the text. */
struct pyreq {
    enum pyreq_for mode;
    struct bytes name;
    struct bytes extras;            /* of the peer; p NULL: none */
    struct bytes specifier, version; /* of the peer; n 0: none */
    struct bytes right_extras;      /* p NULL: none */
    struct bytes constraint;        /* with blanks; n 0: none */
    struct bytes marker;            /* between the first two ";" */
    bool cut; /* extras or marker are longer than any: taken for none */
};

/* False: the text is none in this mode (PYREQ_BOTH: in both). */
bool pyreq_parse(struct pyreq *out, struct bytes text,
                 enum pyreq_source source, enum pyreq_for mode);
/* An object. */
void pyreq_write(const struct pyreq *r, struct jw *jw);

#endif

/*
 * role/agent/options.h: scan options as a request spells them, turned into
 * the scanner's (scan-facts.md §2). Pure.
 */
#ifndef ROLE_AGENT_OPTIONS_H
#define ROLE_AGENT_OPTIONS_H

#include "base/json/jx.h"

/*
 * A new object with the options of `from` (may be NULL) the scanner knows,
 * under its names; the caller owns it. What is not in the table is left out:
 * a request must not name files of ours.
 */
struct jx *options_map(const struct jx *from);

#endif

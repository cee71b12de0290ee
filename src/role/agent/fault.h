/*
 * role/agent/fault.h: errors as our callers see them (agent-api.md §3). Pure.
 */
#ifndef ROLE_AGENT_FAULT_H
#define ROLE_AGENT_FAULT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json/jw.h"

/* The HTTP status of an error: its code's, else its kind's. */
int fault_status(const struct err *err);
/* Seconds to come back in; 0: nothing to say. */
int64_t fault_retry_after_s(const struct err *err);

/* Whom an error is about; each may be NULL. */
struct fault_about {
    const char *registry;
    const char *type;
    const char *request_id;
};

/* The members "message", "code" and "error" of an open object. */
void fault_members(struct jw *w, const struct err *err,
                   const struct fault_about *about);
/* {"code":...,"message":...,"status":...}, as a done callback has it. */
void fault_brief(struct jw *w, const struct err *err);

#endif

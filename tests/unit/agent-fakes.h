/*
 * tests/unit/agent-fakes.h: the agent's neighbours, played in the same loop.
 *
 * The store, the loop and the credentials documents are real; listener, HTTP
 * client, registry and scanner are played here, so that a test decides what
 * they answer, and when.
 */
#ifndef TESTS_UNIT_AGENT_FAKES_H
#define TESTS_UNIT_AGENT_FAKES_H

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "engine.h"
#include "engine/store/job.h"
#include "role/agent/agent.h"

#define PASSWORD    "s3cr3t-pa55word"
/* What a done or refused exchange keeps. */
struct fake_answer {
    int status; /* 0: not answered yet */
    char *body;
    char *retry_after, *request_id, *allow, *content_type;
};

/* One request at the agent's door. Free it with fake_forget(). */
struct fake_answer *fake_ask(const char *method, const char *target,
                             const char *const *headers, const char *body);
/* Called from within the next answer, when set. */
extern void (*fake_on_reply)(void);
/* Its caller goes away. */
void fake_hang_up(struct fake_answer *answer);
void fake_forget(struct fake_answer *answer);

/* The one registry operation under way, NULL without: "validate", "catalog",
 * "tags app". Answer it with one of the two. */
const char *fake_registry_op(void);
void fake_registry_list(const char *const *names, size_t n);
void fake_registry_done(const struct err *err);
unsigned fake_registry_cancelled(void);
/* The last login a registry was made for. */
extern char fake_username[64];

/* The scans under way, oldest first. */
size_t fake_scans(void);
const struct scan_request *fake_scan(size_t i);
void fake_scan_image(size_t i);
void fake_scan_result(size_t i, size_t index, const char *json);
/* Ends it: on_done comes. */
void fake_scan_end(size_t i, size_t n_results, const struct err *err);
unsigned fake_scans_cancelled(void);
/* The next so many starts are refused with ERR_BUSY. */
void fake_scans_refuse(unsigned n);

/* The HTTP calls under way, oldest first. */
size_t fake_calls(void);
const char *fake_call_url(size_t i);
const char *fake_call_body(size_t i);
const char *fake_call_header(size_t i, const char *name);
/* Ends it with an answer, or with an error when status is 0. */
void fake_call_end(size_t i, int status, const char *retry_after,
                   const char *body);

/* An agent in a state directory of its own. */
struct stage {
    char dir[64];
    struct loop *loop;
    struct conf conf;
    struct store *store;
    struct agent *agent;
    int log_fd; /* all that is logged */
    bool drained;
};
extern struct stage stage;
void stage_start(void);
void stage_end(void);
void stage_open(void);
/* As after kill -9, but for the lock: nothing is drained or parked. */
void stage_crash(void);
/* Whatever the store was asked is answered, and what follows from it. */
void stage_settle(void);
/* Everything logged so far; the caller owns it. */
char *stage_log(void);
/* base64 of a harbor document with PASSWORD; static. */
const char *stage_login(void);

#endif

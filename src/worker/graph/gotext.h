/*
 * worker/graph/gotext.h: versions and names of Go, as texts. What is returned
 * is the caller's.
 */
#ifndef WORKER_GRAPH_GOTEXT_H
#define WORKER_GRAPH_GOTEXT_H

#include <stdbool.h>

/* Each byte of UTF-8 as a character of its own, as the peer reads it. */
char *gotext_latin1(const char *text);

/* "go1.19" is "1.19.0"; NULL unless it is all numbers: the peer's way. */
char *gotext_plain_version(const char *go);
/* The same, and what toolchains of other makers say: "go1.21.3 X:boring",
 * "go1.21.0-fips"; "go1.22rc1" is "1.22rc1". NULL for development versions. */
char *gotext_version(const char *go);

/* "v0.0.0-20230102150405-0123456789ab" of a commit and its time; after "/v2"
 * in the module's name "v2.0.0-...". NULL when one of them is no such thing.
 * All may be NULL. */
char *gotext_pseudo_version(const char *module, const char *revision,
                            const char *time);

/* What replaces a module is a folder: "./x", "../x", "/x". */
bool gotext_is_folder(const char *name);

#endif

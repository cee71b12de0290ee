/*
 * engine/filter/re.h: regular expressions in linear time, for rules that meet
 * strangers' text: the subset of JavaScript's that has no need to look back.
 *
 * Literals, . [] [^] \d \w \s \D \W \S, ( ) (?: ) |, * + ? {m,n} (a lazy "?"
 * behind them changes nothing about whether there is a match), ^ $, escapes.
 * Look-around, back references and \b are refused. It works on bytes. Pure.
 */
#ifndef ENGINE_FILTER_RE_H
#define ENGINE_FILTER_RE_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

struct re;

/* ERR_INPUT: malformed; ERR_UNSUPPORTED: not in the subset; ERR_LIMIT: too
 * large once unrolled. */
int re_compile(struct re **out, const char *pattern, bool ignore_case,
               struct err *err);
void re_free(struct re *re);
/* Is there a match anywhere? Time: text.n times the size of the pattern. */
bool re_matches(const struct re *re, struct bytes text);

AUTO_DEFINE(struct re, re, re_free)
#define auto_re __attribute__((cleanup(auto_cleanup_re)))

#endif

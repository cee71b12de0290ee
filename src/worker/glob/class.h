/*
 * worker/glob/class.h: "[a-z]", "[!x]", "[[:digit:]_]" of a glob,
 * read as npm's minimatch 9 reads them.
 */
#ifndef WORKER_GLOB_CLASS_H
#define WORKER_GLOB_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text in UTF-16 code units; borrowed. */
struct units {
    const uint16_t *p;
    size_t n;
};

struct glob_class {
    struct glob_range {
        uint32_t from, to;
    } *ranges; /* owns */
    size_t n_ranges;
    unsigned with, without; /* named classes: in them; in none of them */
    bool negate;
    bool never;      /* nothing matches, here and in all that follows */
    bool code_point; /* takes surrogate pairs for one character */
};

/*
 * Reads the class that text begins with; returns how many units it has, 0
 * when its bracket is never closed (then "[" is a plain character).
 */
size_t glob_class_read(struct glob_class *out, struct units text);
void glob_class_clear(struct glob_class *c);

/* "[x]" is the character itself. */
bool glob_class_is_plain(const struct glob_class *c);
/* Whether a pattern may begin with it although a name begins with a dot. */
bool glob_class_takes_dot(const struct glob_class *c);
bool glob_class_has(const struct glob_class *c, uint32_t character);

#endif

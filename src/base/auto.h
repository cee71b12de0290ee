/* base/auto.h: a local is bound to its scope and leaves it by being stolen. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

/* Hand `p` on: the local becomes NULL, so the scope frees nothing. */
#define steal(p) \
    ({ \
        __typeof__(p) steal_ptr_ = (p); \
        (p) = NULL; \
        steal_ptr_; \
    })

/* Define auto_cleanup_<name>() for a type, for use by auto_<name> macros. */
#define AUTO_DEFINE(type, name, free_fn) \
    static inline void auto_cleanup_##name(type **p) \
    { \
        if (*p != NULL) \
            free_fn(*p); \
    }

static inline void
auto_cleanup_free(void *p)
{
    free(*(void **)p);
}

static inline void
auto_cleanup_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

#define auto_free __attribute__((cleanup(auto_cleanup_free)))
#define auto_fd   __attribute__((cleanup(auto_cleanup_fd)))

#define N_ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

#endif

/*
 * base/list.h: a doubly linked list whose links live in its members.
 *
 *     struct job { struct link link; ... };
 *     struct list jobs = LIST_INIT(jobs);
 *     list_append(&jobs, &job->link);
 *     list_each(struct job, j, link, &jobs) { ... list_remove(&j->link); }
 *
 * list_each() allows removing (and freeing) the member it is at.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next, *prev; /* borrow; NULL when in no list */
};

struct list {
    struct link head;
};

#define LIST_INIT(name) { { &(name).head, &(name).head } }
#define list_entry(ptr, type, member) \
    ((type *)((char *)(ptr) - offsetof(type, member)))
#define list_each(type, var, member, list) \
    for (struct link *var##_l = (list)->head.next, *var##_n = var##_l->next; \
         var##_l != &(list)->head; var##_l = var##_n, var##_n = var##_l->next) \
        for (type *var = list_entry(var##_l, type, member); var != NULL; \
             var = NULL)
/* First member or NULL. */
#define list_first(type, member, list) \
    (list_is_empty(list) ? NULL \
                         : list_entry((list)->head.next, type, member))

static inline void
list_init(struct list *l)
{
    l->head.next = l->head.prev = &l->head;
}

static inline bool
list_is_empty(const struct list *l)
{
    return l->head.next == &l->head;
}

static inline bool
list_linked(const struct link *n)
{
    return n->next != NULL;
}

static inline void
list_append(struct list *l, struct link *n)
{
    n->next = &l->head;
    n->prev = l->head.prev;
    l->head.prev->next = n;
    l->head.prev = n;
}

static inline void
list_prepend(struct list *l, struct link *n)
{
    n->prev = &l->head;
    n->next = l->head.next;
    l->head.next->prev = n;
    l->head.next = n;
}

/* Nothing happens when it is in no list. */
static inline void
list_remove(struct link *n)
{
    if (n->next == NULL)
        return;
    n->prev->next = n->next;
    n->next->prev = n->prev;
    n->next = n->prev = NULL;
}

#endif

/*
 * An open-addressing index over an array of entries in insertion order. The
 * hash is keyed by a random seed: peers choose our keys.
 */
#include "base/map.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/str.h"

struct entry {
    struct bytes key; /* owns; p is NULL once removed */
    void *value;      /* borrows */
    uint64_t hash;
    size_t seq; /* counts puts: what map_next()'s *at refers to */
};

struct map {
    struct entry *entries; /* owns */
    size_t n_entries;      /* places used, removed ones included */
    size_t cap;
    size_t n_live;
    size_t next_seq;
    uint32_t *slots; /* owns; index into entries + 1, 0 is empty */
    size_t n_slots;  /* a power of two */
    uint64_t seed;
};

/* FNV-1a over 8-byte steps with a final mix; seeded per map. */
static uint64_t
hash_bytes(uint64_t seed, struct bytes key)
{
    uint64_t h = seed ^ (key.n * 0x9e3779b97f4a7c15ull);

    while (key.n >= 8) {
        uint64_t v;

        memcpy(&v, key.p, 8);
        h = (h ^ v) * 0xff51afd7ed558ccdull;
        h ^= h >> 32;
        key = bytes_of(key.p + 8, key.n - 8);
    }
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ key.p[i]) * 0x100000001b3ull;
    h ^= h >> 29;
    h *= 0xc4ceb9fe1a85ec53ull;
    return h ^ h >> 32;
}

struct map *
map_new(void)
{
    struct map *m = xnew(struct map);

    if (getrandom(&m->seed, sizeof(m->seed), 0) != (ssize_t)sizeof(m->seed))
        abort();
    return m;
}

void
map_free(struct map *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n_entries; i++)
        free((void *)m->entries[i].key.p);
    free(m->entries);
    free(m->slots);
    free(m);
}

static struct entry *
lookup(const struct map *m, struct bytes key, uint64_t hash)
{
    if (m->n_slots == 0)
        return NULL;
    for (size_t i = hash & (m->n_slots - 1); m->slots[i] != 0;
         i = (i + 1) & (m->n_slots - 1)) {
        struct entry *e = &m->entries[m->slots[i] - 1];

        if (e->hash == hash && e->key.p != NULL && bytes_equal(e->key, key))
            return e;
    }
    return NULL;
}

static void
index_entry(struct map *m, size_t at)
{
    size_t i = m->entries[at].hash & (m->n_slots - 1);

    while (m->slots[i] != 0)
        i = (i + 1) & (m->n_slots - 1);
    m->slots[i] = (uint32_t)at + 1;
}

/* Close the gaps removed keys left; order and seq stay. */
static void
compact(struct map *m)
{
    size_t to = 0;

    for (size_t i = 0; i < m->n_entries; i++) {
        if (m->entries[i].key.p != NULL)
            m->entries[to++] = m->entries[i];
    }
    m->n_entries = to;
    memset(m->slots, 0, m->n_slots * sizeof(*m->slots));
    for (size_t i = 0; i < to; i++)
        index_entry(m, i);
}

static void
grow(struct map *m)
{
    /* A long-lived map where keys come and go must not grow with its age. */
    if (m->n_entries - m->n_live > m->n_live + 64)
        compact(m);
    if (m->n_entries == m->cap) {
        m->cap = m->cap > 0 ? m->cap * 2 : 8;
        m->entries = xrealloc(m->entries, m->cap * sizeof(*m->entries));
    }
    if ((m->n_entries + 1) * 2 <= m->n_slots)
        return;
    free(m->slots);
    m->n_slots = m->n_slots > 0 ? m->n_slots * 2 : 16;
    m->slots = xcalloc(m->n_slots, sizeof(*m->slots));
    for (size_t i = 0; i < m->n_entries; i++)
        index_entry(m, i);
}

void *
map_put(struct map *m, struct bytes key, void *value)
{
    uint64_t hash = hash_bytes(m->seed, key);
    struct entry *e = lookup(m, key, hash);
    void *old;

    if (e != NULL) {
        old = e->value;
        e->value = value;
        return old;
    }
    grow(m);
    e = &m->entries[m->n_entries];
    e->key = bytes_of(bytes_dup(key), key.n);
    e->value = value;
    e->hash = hash;
    e->seq = m->next_seq++;
    index_entry(m, m->n_entries);
    m->n_entries++;
    m->n_live++;
    return NULL;
}

void *
map_put_str(struct map *m, const char *key, void *value)
{
    return map_put(m, bytes_str(key), value);
}

void *
map_get(const struct map *m, struct bytes key)
{
    struct entry *e = lookup(m, key, hash_bytes(m->seed, key));

    return e != NULL ? e->value : NULL;
}

void *
map_get_str(const struct map *m, const char *key)
{
    return map_get(m, bytes_str(key));
}

void *
map_remove(struct map *m, struct bytes key)
{
    struct entry *e = lookup(m, key, hash_bytes(m->seed, key));
    void *old;

    if (e == NULL)
        return NULL;
    old = e->value;
    free((void *)e->key.p);
    e->key = BYTES_NONE;
    e->value = NULL;
    m->n_live--;
    return old;
}

size_t
map_count(const struct map *m)
{
    return m->n_live;
}

/* The first entry with this seq or a later one; n_entries: none. */
static size_t
entry_from(const struct map *m, size_t seq)
{
    size_t lo = 0, hi = m->n_entries;

    if (seq < hi && m->entries[seq].seq == seq)
        return seq; /* nothing was ever compacted below it */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (m->entries[mid].seq < seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool
map_next(const struct map *m, size_t *at, struct bytes *key, void **value)
{
    for (size_t i = entry_from(m, *at); i < m->n_entries; i++) {
        const struct entry *e = &m->entries[i];

        *at = e->seq + 1;
        if (e->key.p == NULL)
            continue;
        if (key != NULL)
            *key = e->key;
        if (value != NULL)
            *value = e->value;
        return true;
    }
    return false;
}

/* Pages of a listing. A part must never look like the whole: whoever reads a
 * short list may delete what is missing. */
#include "engine/registry/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"
#include "engine/registry/error-body.h"
#include "engine/registry/linkhdr.h"

void
listing_init(struct listing *l, const char *member, const char *name_prefix)
{
    *l = (struct listing){ .member = member, .name_prefix = name_prefix };
    l->seen = map_new();
    l->asked = map_new();
}

void
listing_clear(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->names[i]);
    free(l->names);
    free(l->page_last);
    map_free(l->seen);
    map_free(l->asked);
    *l = (struct listing){ 0 };
}

static int
too_large(struct err *err, const char *what)
{
    return err_set_code(err, ERR_LIMIT, "LISTING_TOO_LARGE",
                        "the listing is too large: %s", what);
}

static void
keep(struct listing *l, const char *name)
{
    if (l->n == l->cap) {
        l->cap = l->cap > 0 ? 2 * l->cap : 64;
        l->names = xrealloc(l->names, l->cap * sizeof(*l->names));
    }
    l->names[l->n++] = xstrdup(name);
}

/* What is known or unwanted counts too: it tells that a server ignores "last",
 * and where it stands. */
static int
add(struct listing *l, const char *name, struct err *err)
{
    l->page_items++;
    free(l->page_last);
    l->page_last = xstrdup(name);
    if (map_get_str(l->seen, name) != NULL) {
        l->page_known++;
        return 0;
    }
    if (map_count(l->seen) == LISTING_MAX_ITEMS)
        return too_large(err, "more than 100000 names");
    map_put_str(l->seen, name, l);
    if (l->name_prefix == NULL || str_starts(name, l->name_prefix))
        keep(l, name);
    return 0;
}

static int
add_items(struct listing *l, const struct jx *items, struct err *err)
{
    for (size_t i = 0; i < jx_count(items); i++) {
        const char *name = jx_str_value(jx_at(items, i));

        if (str_is_empty(name))
            return reg_error_nonsense(err, "a name in %s is no text",
                                      l->member);
        if (add(l, name, err) < 0)
            return -1;
    }
    return 0;
}

int
listing_add(struct listing *l, struct bytes body, struct err *err)
{
    auto_jx struct jx *doc = NULL;

    l->page_items = l->page_known = 0;
    free(l->page_last);
    l->page_last = NULL;
    if (!size_add(l->n_bytes, body.n, &l->n_bytes) ||
        l->n_bytes > LISTING_MAX_BYTES)
        return too_large(err, "more than 32 MiB");
    doc = jx_parse(body, LISTING_MAX_BYTES, NULL);
    if (!jx_has(doc, l->member))
        return reg_error_nonsense(err, "an answer without \"%s\"", l->member);
    /* null is how Go spells an empty list. */
    if (jx_arr(doc, l->member) == NULL &&
        jx_type(jx_get(doc, l->member)) != JX_NULL)
        return reg_error_nonsense(err, "\"%s\" is no list", l->member);
    return add_items(l, jx_arr(doc, l->member), err);
}

/*
 * Some proxies forget the prefix: when the path is that of a bare registry,
 * only its query is meant.
 */
static void
mend_prefix(struct url *to, const struct url *base, const char *first)
{
    auto_url struct url own = { 0 };

    if (base->path[0] == '\0' || str_starts(to->path, base->path) ||
        !str_starts(to->path, "/v2/") || url_parse(&own, first, NULL) < 0)
        return;
    free(to->path);
    to->path = steal(own.path);
}

static int
follow_link(const struct url *base, const char *first, const char *asked_url,
            const char *link, char **next, struct err *err)
{
    auto_url struct url from = { 0 }, to = { 0 };

    if (url_parse(&from, asked_url, err) < 0)
        return -1;
    if (url_resolve(&to, &from, link, NULL) < 0)
        return reg_error_nonsense(err, "the Link to the next page is no "
                                  "address");
    if (!url_same_origin(&to, base))
        return reg_error_nonsense(err, "the Link to the next page leads to "
                                  "another host, %s", to.host);
    mend_prefix(&to, base, first);
    *next = url_text(&to);
    return 1;
}

/* Servers that page by "last" alone: a full page may have a successor. */
static int
guess_next(struct listing *l, const char *first, unsigned n, char **next)
{
    auto_buf struct buf url = BUF_INIT(64 * 1024);

    if (l->link_seen || n == 0 || l->page_items != n || l->page_known > 0 ||
        l->page_last == NULL)
        return 0;
    buf_addf(&url, "%s?n=%u&last=", first, n);
    percent_encode(l->page_last, "", &url);
    *next = buf_steal(&url);
    return 1;
}

int
listing_next(struct listing *l, const struct url *base, const char *first,
             const char *asked_url, unsigned n, const struct headers *headers,
             char **next, struct err *err)
{
    auto_free char *link = link_next(headers), *url = NULL;
    int rc;

    map_put_str(l->asked, asked_url, l);
    l->link_seen = l->link_seen || link != NULL;
    rc = link != NULL ? follow_link(base, first, asked_url, link, &url, err)
                      : guess_next(l, first, n, &url);
    if (rc <= 0)
        return rc;
    if (map_get_str(l->asked, url) != NULL)
        return reg_error_nonsense(err, "the pages of the listing go in a "
                                  "circle");
    if (map_count(l->asked) >= LISTING_MAX_PAGES)
        return too_large(err, "more than 10000 pages");
    *next = steal(url);
    return 1;
}

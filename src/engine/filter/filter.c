/* Rules: reading, compiling, matching. Where a request goes: resolve.c. */
#include "engine/filter/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "engine/filter/filter-private.h"
#include "engine/filter/path.h"
#include "engine/net/url.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)
#define RULES_MAX      4096
#define RE_TEXT_MAX    8192

/* What the image of the product names; there it is the registry's set. */
static const char preset_file[] = "accept.json";

struct rules {
    struct filter_rule *at; /* owns */
    size_t n;
};

struct filter {
    struct jx *doc;         /* owns */
    struct rules sides[2];  /* by enum filter_side */
};

static const char *const side_names[] = { [FILTER_PUBLIC] = "public",
                                          [FILTER_PRIVATE] = "private" };

static void
rule_clear(struct filter_rule *r)
{
    free(r->method);
    free(r->path);
    free(r->origin);
    re_free(r->re);
    valid_free(r->valid);
}

void
filter_free(struct filter *f)
{
    if (f == NULL)
        return;
    for (size_t s = 0; s < N_ELEMENTS(f->sides); s++) {
        for (size_t i = 0; i < f->sides[s].n; i++)
            rule_clear(&f->sides[s].at[i]);
        free(f->sides[s].at);
    }
    jx_free(f->doc);
    free(f);
}

/* A member that is there must be text. */
static int
text_member(const struct jx *doc, const char *key, char **out, struct err *err)
{
    if (jx_has(doc, key) && jx_str(doc, key) == NULL)
        return err_set(err, ERR_INPUT, "\"%s\" is no text", key);
    *out = xstrdup(jx_str(doc, key));
    return 0;
}

static int
compile_rule(struct filter_rule *r, const struct jx *doc, struct err *err)
{
    auto_buf struct buf re = BUF_INIT(RE_TEXT_MAX);

    if (!jx_is_obj(doc))
        return err_set(err, ERR_INPUT, "it is no object");
    if (text_member(doc, "method", &r->method, err) < 0 ||
        text_member(doc, "path", &r->path, err) < 0 ||
        text_member(doc, "origin", &r->origin, err) < 0)
        return -1;
    if (r->method == NULL)
        r->method = xstrdup("get");
    if (r->path == NULL)
        r->path = xstrdup("/");
    if (str_ieq(r->method, "any")) {
        free(r->method);
        r->method = NULL;
    }
    r->auth = jx_get(doc, "auth");
    if (r->auth != NULL && !jx_is_obj(r->auth))
        return err_set(err, ERR_INPUT, "\"auth\" is no object");
    if (path_to_re(r->path, &re, err) < 0 ||
        re_compile(&r->re, buf_cstr(&re), true, err) < 0)
        return -1;
    if (jx_get(doc, "valid") == NULL)
        return 0;
    return valid_compile(&r->valid, jx_get(doc, "valid"), err);
}

static int
compile_side(struct filter *f, enum filter_side side, struct err *err)
{
    struct rules *rules = &f->sides[side];
    const struct jx *list = jx_get(f->doc, side_names[side]);

    if (list == NULL)
        return 0;
    if (!jx_is_arr(list) || jx_count(list) > RULES_MAX)
        return err_set(err, ERR_INPUT, "\"%s\" is no list of at most %d rules",
                       side_names[side], RULES_MAX);
    rules->at = xcalloc(jx_count(list) + 1, sizeof(*rules->at));
    for (size_t i = 0; i < jx_count(list); i++) {
        rules->at[i].index = i;
        rules->n = i + 1;
        if (compile_rule(&rules->at[i], jx_at(list, i), err) < 0)
            return err_wrap(err, "%s rule %zu", side_names[side], i + 1);
    }
    return 0;
}

int
filter_parse(struct filter **out, struct bytes json, struct err *err)
{
    auto_filter struct filter *f = xnew(struct filter);

    f->doc = jx_parse(json, FILE_MAX_BYTES, err);
    if (f->doc == NULL)
        return err_wrap(err, "filter rules");
    if (!jx_is_obj(f->doc) ||
        (!jx_has(f->doc, "public") && !jx_has(f->doc, "private")))
        return err_set(err, ERR_INPUT,
                       "filter rules: neither \"public\" nor \"private\"");
    if (compile_side(f, FILTER_PUBLIC, err) < 0 ||
        compile_side(f, FILTER_PRIVATE, err) < 0)
        return err_wrap(err, "filter rules");
    *out = steal(f);
    return 0;
}

static int
read_all(int fd, struct buf *out)
{
    for (;;) {
        uint8_t *to = buf_room(out, 64 * 1024);
        ssize_t n;

        if (to == NULL) {
            errno = EFBIG;
            return -1;
        }
        n = read(fd, to, 64 * 1024);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        out->n += (size_t)n;
    }
}

int
filter_load(struct filter **out, const char *accept, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(FILE_MAX_BYTES + 64 * 1024);
    auto_fd int fd = -1;

    if (str_is_empty(accept))
        return filter_parse(out, bytes_str(filter_registry_rules), err);
    if (strstr(accept, "://") != NULL)
        return err_set(err, ERR_UNSUPPORTED,
                       "ACCEPT: rules are read from a file, not from a URL");
    fd = open(accept, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && strcmp(accept, preset_file) == 0)
        return filter_parse(out, bytes_str(filter_registry_rules), err);
    if (fd < 0 || read_all(fd, &text) < 0)
        return err_set_errno(err, errno, "ACCEPT: %s", accept);
    if (filter_parse(out, buf_bytes(&text), err) < 0)
        return err_wrap(err, "ACCEPT: %s", accept);
    return 0;
}

const struct jx *
filter_rules(const struct filter *f)
{
    return f->doc;
}

/* No blank, control character or byte beyond ASCII: they have no business in
 * a request line. */
static bool
is_printable(const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s <= 0x20 || *s >= 0x7f)
            return false;
    }
    return true;
}

static bool
rule_matches(const struct filter_rule *r, const struct filter_query *q,
             struct bytes path, const char *query)
{
    if (r->method != NULL && !str_ieq(r->method, q->method))
        return false;
    if (!re_matches(r->re, path))
        return false;
    return r->valid == NULL ||
           valid_holds(r->valid, query, q->headers, q->body);
}

const struct filter_rule *
filter_match(const struct filter *f, enum filter_side side,
             const struct filter_query *q, const char **why)
{
    const struct rules *rules = &f->sides[side];
    /* The fragment is never sent, so it is not looked at. */
    auto_free char *target = xstrndup(q->target, strcspn(q->target, "#"));
    const char *query, *nobody;
    struct bytes path;

    why = why != NULL ? why : &nobody;
    *why = "path is not in its normal form";
    if (target[0] != '/' || !is_printable(target) ||
        !url_target_is_normal(target))
        return NULL;
    path = bytes_to(bytes_str(target), strcspn(target, "?"));
    query = target + path.n + (target[path.n] == '?');
    for (size_t i = 0; i < rules->n; i++) {
        if (rule_matches(&rules->at[i], q, path, query))
            return &rules->at[i];
    }
    *why = "no rule fits";
    return NULL;
}

bool
filter_reads_bodies(const struct filter *f, enum filter_side side)
{
    for (size_t i = 0; i < f->sides[side].n; i++) {
        const struct valid *v = f->sides[side].at[i].valid;

        if (v != NULL && valid_reads_bodies(v))
            return true;
    }
    return false;
}

size_t
filter_rule_index(const struct filter_rule *rule)
{
    return rule->index;
}

const char *
filter_rule_path(const struct filter_rule *rule)
{
    return rule->path;
}

/* Rules and what is asked of them: the input is a rule file, a line feed, and
 * a request target; what is no rule file is a target for the built-in rules,
 * a body with variables, and a pattern of each kind. */
#include "base/str.h"
#include "engine/filter/filter.h"
#include "engine/filter/path.h"
#include "engine/filter/re.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
lookup(const char *name, void *arg)
{
    (void)arg;
    return str_eq(name, "A") ? "value" : str_eq(name, "B_POOL") ? "x,y" : NULL;
}

static void
ask(const struct filter *f, const char *target, struct bytes body)
{
    auto_vars struct vars *vars = vars_new(lookup, NULL);
    auto_headers struct headers h = HEADERS_INIT;
    struct buf url = BUF_INIT(8192);

    headers_add(&h, "x-broker-var-sub", "x-h");
    headers_add(&h, "x-h", target);
    vars_headers(vars, &h);
    for (int side = FILTER_PUBLIC; side <= FILTER_PRIVATE; side++) {
        struct filter_query q = { .method = "GET", .target = target,
                                  .headers = &h, .body = body };
        const struct filter_rule *rule =
            filter_match(f, (enum filter_side)side, &q, NULL);

        if (rule != NULL)
            filter_resolve(rule, vars, target, &h, &url, NULL);
    }
    buf_clear(&url);
}

static void
compile(int (*translate)(const char *, struct buf *, struct err *),
        const char *text)
{
    struct buf re = BUF_INIT(4096);
    struct re *compiled = NULL;

    if (translate(text, &re, NULL) == 0 &&
        re_compile(&compiled, buf_cstr(&re), true, NULL) == 0)
        re_matches(compiled, bytes_str(text));
    re_free(compiled);
    buf_clear(&re);
}

static void
loose_text(const char *text, struct bytes all)
{
    auto_filter struct filter *f = NULL;
    auto_vars struct vars *vars = vars_new(lookup, NULL);
    struct buf out = BUF_INIT(65536);
    struct re *re = NULL;

    if (filter_load(&f, NULL, NULL) == 0)
        ask(f, text, all);
    vars_body(vars, all, &out);
    compile(path_to_re, text);
    compile(glob_to_re, text);
    if (re_compile(&re, text, false, NULL) == 0)
        re_matches(re, all);
    re_free(re);
    buf_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = bytes_of(data, size);
    size_t line = bytes_find(all, '\n');
    auto_free char *target = bytes_dup(bytes_from(all, line + 1));
    auto_free char *text = bytes_dup(bytes_to(all, line));
    auto_filter struct filter *f = NULL;

    if (filter_parse(&f, bytes_to(all, line), NULL) == 0)
        ask(f, target, bytes_from(all, line + 1));
    else
        loose_text(text, all);
    return 0;
}

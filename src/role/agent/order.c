/* Scan requests: lenient in how they spell things, strict in what it means. */
#include "role/agent/order.h"

#include <string.h>

#include "base/json/jw.h"
#include "base/oci/platform.h"
#include "base/oci/ref.h"
#include "base/str.h"
#include "role/agent/address.h"
#include "role/agent/options.h"

#define ORDER_MAX_BYTES (4u << 20) /* a 1 MiB request, escaped at worst */

/* The real names are not public: several are understood. */
static const char *const repository_names[] = { "image", "repo", "repository",
                                                "imageName", "name", NULL };
static const char *const tag_names[] = { "tag", "reference", "ref",
                                         "imageReference", NULL };

static const char *
first_text(const struct jx *obj, const char *const *names)
{
    for (; *names != NULL; names++) {
        const char *s = jx_str(obj, *names);

        if (!str_is_empty(s))
            return s;
    }
    return NULL;
}

const char *
order_repository(const struct jx *obj)
{
    return first_text(obj, repository_names);
}

/* "app:1" or "app@sha256:..." rather than "app". */
static bool
names_version(const char *image)
{
    const char *last = strrchr(image, '/');

    return strchr(image, '@') != NULL ||
           strchr(last != NULL ? last : image, ':') != NULL;
}

/* The reference as one text; the caller owns it. NULL: no name at all. */
static char *
image_text(const struct jx *item)
{
    const char *image = order_repository(item);
    const char *tag = first_text(item, tag_names);
    const char *digest = jx_str(item, "digest");

    if (image == NULL)
        return NULL;
    if (names_version(image))
        return xstrdup(image);
    if (tag != NULL && str_starts(tag, "sha256:")) {
        digest = tag;
        tag = NULL;
    }
    return xasprintf("%s%s%s%s%s", image, tag != NULL ? ":" : "",
                     tag != NULL ? tag : "", str_is_empty(digest) ? "" : "@",
                     str_is_empty(digest) ? "" : digest);
}

/* "<base>/team/app:1.0": how the image is called in results. */
static char *
shown_name(const struct ref *ref, const char *base)
{
    if (ref->tag != NULL)
        return xasprintf("%s/%s:%s", base, ref->repo, ref->tag);
    return xasprintf("%s/%s@%s", base, ref->repo, ref->digest);
}

static int
read_image(struct order *o, const struct jx *item, struct jx *options,
           const char *base, struct err *err)
{
    auto_free char *text = image_text(item);
    auto_free char *shown = NULL;
    auto_ref struct ref ref = { 0 };

    if (text == NULL)
        return err_set(err, ERR_INPUT, "the request names no image");
    if (ref_parse_in(&ref, text, base, err) < 0)
        return -1;
    o->image = ref_format(&ref);
    shown = shown_name(&ref, base);
    jx_set_str(options, "imageNameAndTag", shown);
    return 0;
}

static int
read_platform(struct order *o, const struct jx *item, const struct jx *options,
              struct err *err)
{
    const char *text = jx_str(item, "platform");
    struct platform platform;

    if (str_is_empty(text))
        text = jx_str(options, "platform");
    if (str_is_empty(text))
        return 0;
    if (platform_parse(&platform, text, err) < 0)
        return -1;
    o->platform = xstrdup(text);
    return 0;
}

/* `root` without final slashes, then `rest`; the caller owns it. */
static char *
below(const char *root, const char *rest)
{
    size_t n = strlen(root);

    while (n > 0 && root[n - 1] == '/')
        n--;
    return xasprintf("%.*s%s", (int)n, root, rest);
}

/* One of the two addresses: said itself, or below a common one. */
static int
read_address(char **out, const struct jx *item, const char *own,
             const char *leaf, const struct conf *conf, struct err *err)
{
    const char *root = jx_str(item, "callbackUrl");
    auto_free char *way = xasprintf("/api/v2/import%s", leaf);

    if (str_is_empty(root))
        root = jx_str(jx_obj(item, "callback"), "url");
    if (!str_is_empty(jx_str(item, own)))
        *out = xstrdup(jx_str(item, own));
    else if (!str_is_empty(root))
        *out = below(root, leaf);
    else if (!str_is_empty(conf->broker_client_url))
        *out = below(conf->broker_client_url, way);
    else
        return err_set(err, ERR_INPUT,
                       "the request names no callback address, and "
                       "BROKER_CLIENT_URL is not set");
    return address_check(conf, *out, err);
}

static char *
text_of(const struct jx *v)
{
    auto_buf struct buf text = BUF_INIT(ORDER_MAX_BYTES);

    jx_write(v, &text);
    return buf_steal(&text);
}

static int
read_order(struct order *o, const struct jx *item, const struct conf *conf,
           const char *base, struct err *err)
{
    const struct jx *given = jx_obj(item, "options");
    auto_jx struct jx *options = options_map(given);

    if (read_image(o, item, options, base, err) < 0 ||
        read_platform(o, item, given, err) < 0 ||
        read_address(&o->result_url, item, "resultUrl", "/result", conf, err) <
            0 ||
        read_address(&o->done_url, item, "doneUrl", "/done", conf, err) < 0)
        return -1;
    if (jx_has(item, "context"))
        o->context = text_of(jx_get(item, "context"));
    o->options = text_of(options);
    return 0;
}

/* Members that say which image: an item's own, never inherited. */
static bool
says_which(const char *key)
{
    static const char *const also[] = { "digest", "images", NULL };
    const char *const *const lists[] = { repository_names, tag_names, also };

    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        for (const char *const *n = lists[i]; *n != NULL; n++) {
            if (str_eq(key, *n))
                return true;
        }
    }
    return false;
}

/* A member of "images" with what it inherits; the caller owns it. */
static struct jx *
with_inherited(const struct jx *item, const struct jx *body)
{
    struct jx *full = jx_is_obj(item) ? jx_copy(item) : jx_new_obj();
    const char *key;
    struct jx *value;
    void *at = NULL;

    if (jx_is_str(item))
        jx_set_str(full, "image", jx_str_value(item));
    while (jx_next(body, &at, &key, &value)) {
        if (!says_which(key) && !jx_has(full, key))
            jx_set(full, key, value != NULL ? jx_copy(value) : NULL);
    }
    return full;
}

/* What one order holds; a large context must not be inherited many times. */
static size_t
order_bytes(const struct order *o)
{
    return strlen(o->options) + (o->context != NULL ? strlen(o->context) : 0);
}

static int
read_images(struct orders *out, const struct jx *body, const struct jx *images,
            const struct conf *conf, const char *base, struct err *err)
{
    size_t n = jx_count(images), n_bytes = 0;

    if (n == 0 || n > ORDERS_MAX)
        return err_set(err, ERR_INPUT, "images: 1 to %d, not %zu", ORDERS_MAX,
                       n);
    out->at = xcalloc(n, sizeof(*out->at));
    for (; out->n < n; out->n++) {
        auto_jx struct jx *item = with_inherited(jx_at(images, out->n), body);

        if (read_order(&out->at[out->n], item, conf, base, err) < 0) {
            order_clear(&out->at[out->n]);
            return err_wrap(err, "images[%zu]", out->n);
        }
        n_bytes += order_bytes(&out->at[out->n]);
        if (n_bytes > ORDERS_MAX_BYTES) {
            out->n++;
            return err_set_code(err, ERR_LIMIT, "BODY_TOO_LARGE",
                                "images: context and options of all together "
                                "are above %u bytes",
                                ORDERS_MAX_BYTES);
        }
    }
    return 0;
}

int
orders_parse(struct orders *out, const struct jx *body,
             const struct conf *conf, const char *registry_base,
             struct err *err)
{
    const struct jx *images = jx_arr(body, "images");

    *out = (struct orders){ 0 };
    if (!jx_is_obj(body))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    if (images != NULL)
        return read_images(out, body, images, conf, registry_base, err);
    out->at = xnew(struct order);
    out->n = 1;
    return read_order(&out->at[0], body, conf, registry_base, err);
}

void
orders_clear(struct orders *orders)
{
    for (size_t i = 0; i < orders->n; i++)
        order_clear(&orders->at[i]);
    free(orders->at);
    *orders = (struct orders){ 0 };
}

void
order_write(const struct order *o, struct buf *out)
{
    struct jw w;

    jw_init(&w, out);
    jw_obj(&w);
    jw_key_str(&w, "image", o->image);
    jw_key_opt(&w, "platform", o->platform);
    jw_key_str(&w, "resultUrl", o->result_url);
    jw_key_str(&w, "doneUrl", o->done_url);
    if (o->context != NULL) {
        jw_key(&w, "context");
        jw_raw(&w, bytes_str(o->context));
    }
    jw_key(&w, "options");
    jw_raw(&w, bytes_str(o->options));
    jw_end(&w);
}

int
order_read(struct order *out, struct bytes text, struct err *err)
{
    auto_jx struct jx *doc = jx_parse(text, ORDER_MAX_BYTES, err);

    *out = (struct order){ 0 };
    if (doc == NULL)
        return err_wrap(err, "the job's own record");
    out->image = xstrdup(jx_str(doc, "image"));
    out->platform = xstrdup(jx_str(doc, "platform"));
    out->result_url = xstrdup(jx_str(doc, "resultUrl"));
    out->done_url = xstrdup(jx_str(doc, "doneUrl"));
    if (jx_has(doc, "context"))
        out->context = text_of(jx_get(doc, "context"));
    out->options = text_of(jx_obj(doc, "options"));
    if (out->image == NULL || out->result_url == NULL || out->done_url == NULL)
        return err_set(err, ERR_INTERNAL,
                       "the job's own record lacks a member");
    return 0;
}

void
order_clear(struct order *o)
{
    free(o->image);
    free(o->platform);
    free(o->result_url);
    free(o->done_url);
    free(o->context);
    free(o->options);
    *o = (struct order){ 0 };
}

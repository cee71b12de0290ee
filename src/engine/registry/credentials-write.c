/* The credentials document: writing it, as broker-protocol.md §h shows it
 * byte by byte, but with values escaped as JSON wants. */
#include "engine/registry/credentials.h"

#include <string.h>

#include "base/json/jw.h"
#include "base/str.h"

#define DOCUMENT_MAX_BYTES (64 * 1024)

/* `before`, then the value as a JSON string; an unset one is "". */
static void
add(struct buf *out, const char *before, const char *value)
{
    struct jw w;

    buf_add_str(out, before);
    jw_init(&w, out);
    jw_str(&w, value != NULL ? value : "");
}

static const char *
reveal(const struct secret *s)
{
    return s != NULL ? secret_reveal(s) : NULL;
}

static void
write_role(const struct conf *conf, struct buf *out)
{
    add(out, "{\"type\":", conf->cr_type);
    add(out, ",\"roleArn\":", conf->cr_role_arn);
    add(out, ",\"extra\":{\"region\":", conf->cr_region);
    add(out, ",\"externalId\":", conf->cr_external_id);
    buf_add_str(out, "}}\n");
}

static void
write_pair(const struct conf *conf, const char *username, const char *password,
           struct buf *out)
{
    add(out, "{\"type\":", conf->cr_type);
    add(out, ", \"username\":", username);
    add(out, ", \"password\":", password);
    add(out, ", \"registryBase\":", conf->cr_base);
    buf_add_str(out, "}\n");
}

static void
write_document(const struct conf *conf, struct buf *out)
{
    const char *type = reg_type_canonical(conf->cr_type);
    const char *token = reveal(conf->cr_token);

    if (str_eq(type, "ecr"))
        write_role(conf, out);
    else if (str_eq(type, "digitalocean-cr") && !str_is_empty(token))
        write_pair(conf, token, token, out);
    else
        write_pair(conf, conf->cr_username, reveal(conf->cr_password), out);
}

static void
drop(struct buf *b)
{
    if (b->p != NULL)
        wipe(b->p, b->cap);
    buf_clear(b);
}

struct secret *
credentials_document(const struct conf *conf)
{
    struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
    struct buf code = BUF_INIT(2 * DOCUMENT_MAX_BYTES);
    struct secret *document = NULL;

    if (!secret_is_empty(conf->cr_credentials))
        return secret_ref(conf->cr_credentials);
    if (str_is_empty(conf->cr_type))
        return NULL;
    write_document(conf, &text);
    if (!text.full && base64_encode(buf_bytes(&text), &code) == 0)
        document = secret_new_bytes(buf_bytes(&code));
    drop(&text);
    drop(&code);
    return document;
}

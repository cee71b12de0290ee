/* One table says which status a code has when its kind's does not fit. */
#include "role/agent/fault.h"

#include "base/str.h"

#define BUSY_RETRY_S 30

static const struct status {
    const char *code;
    int status;
} statuses[] = {
    { "METHOD_NOT_ALLOWED", 405 },
    /* A limit of the image, not of the request that named it. */
    { "IMAGE_TOO_LARGE", 422 },
    { "RESULT_TOO_LARGE", 422 },
    { "UNSUPPORTED_MANIFEST", 422 },
    { "PLATFORM_NOT_FOUND", 422 },
    { "LISTING_TOO_LARGE", 502 },
    { "REGISTRY_ERROR", 502 },
    { "DIGEST_MISMATCH", 502 },
};

int
fault_status(const struct err *err)
{
    const char *code = err_code(err);

    for (size_t i = 0; i < N_ELEMENTS(statuses); i++) {
        if (str_eq(code, statuses[i].code))
            return statuses[i].status;
    }
    return err_fate(err->kind)->status;
}

int64_t
fault_retry_after_s(const struct err *err)
{
    if (err->retry_after_s > 0)
        return err->retry_after_s;
    return err->kind == ERR_BUSY ? BUSY_RETRY_S : 0;
}

static void
number_or_null(struct jw *w, const char *key, int64_t v)
{
    jw_key(w, key);
    if (v != 0)
        jw_int(w, v);
    else
        jw_null(w);
}

/* What a registry said, and which one said it; else our own words. */
static void
write_message(struct jw *w, const struct err *err,
              const struct fault_about *about)
{
    auto_free char *text = NULL;

    if (err->peer_status != 0 && about->registry != NULL)
        text = xasprintf("%s: %s", about->registry, err->text);
    jw_key_str(w, "message", text != NULL ? text : err->text);
}

void
fault_members(struct jw *w, const struct err *err,
              const struct fault_about *about)
{
    write_message(w, err, about);
    jw_key_str(w, "code", err_code(err));
    jw_key(w, "error");
    jw_obj(w);
    jw_key_int(w, "status", fault_status(err));
    number_or_null(w, "registryStatus", err->peer_status);
    jw_key_str(w, "registryCode",
               err->peer_code[0] != '\0' ? err->peer_code : NULL);
    jw_key_opt(w, "detail", err->peer_status != 0 ? err->text : NULL);
    jw_key_str(w, "registry", about->registry);
    jw_key_str(w, "type", about->type);
    number_or_null(w, "retryAfter", fault_retry_after_s(err));
    jw_key_str(w, "requestId", about->request_id);
    jw_end(w);
}

void
fault_brief(struct jw *w, const struct err *err)
{
    jw_obj(w);
    jw_key_str(w, "code", err_code(err));
    jw_key_str(w, "message", err->text);
    jw_key_int(w, "status", fault_status(err));
    jw_end(w);
}

/* The identify events of both ends. */
#include "engine/tunnel/identify.h"

#include <stdlib.h>

#include "base/json/jw.h"
#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"

#define FILTERS_MAX_BYTES (4 * 1024 * 1024)
#define TEXT_MAX_BYTES    1024

static const char post_streams[] = "post-streams",
                  receive_post_streams[] = "receive-post-streams";

void
identify_clear(struct identify *id)
{
    free(id->token);
    free(id->version);
    free(id->client_id);
    free(id->role);
    jx_free(id->filters);
    *id = (struct identify){ 0 };
}

/* NULL when it is no (short) text. */
static char *
text_of(struct bytes value)
{
    auto_buf struct buf text = BUF_INIT(TEXT_MAX_BYTES);

    return ejson_text(value, &text) == 0 ? buf_steal(&text) : NULL;
}

static bool
lists(struct bytes array, const char *what)
{
    struct ejson_iter it;
    struct bytes item;

    ejson_iter(&it, array);
    while (ejson_next(&it, NULL, &item)) {
        if (ejson_type(item) == EJ_STR && ejson_key_is(item, what))
            return true;
    }
    return false;
}

static int
read_metadata(struct identify *id, struct bytes meta, struct err *err)
{
    struct bytes capabilities = ejson_get(meta, "capabilities"),
                 filters = ejson_plain(ejson_get(meta, "filters"));

    id->version = text_of(ejson_get(meta, "version"));
    id->client_id = text_of(ejson_get(meta, "clientId"));
    id->role = text_of(ejson_get(meta, "role"));
    id->has_capabilities = ejson_type(capabilities) == EJ_ARR;
    id->post_streams = lists(capabilities, post_streams);
    if (ejson_type(filters) != EJ_OBJ)
        return 0;
    id->filters = jx_parse_lossy(filters, FILTERS_MAX_BYTES, err);
    return id->filters != NULL ? 0 : err_wrap(err, "identify: filters");
}

int
identify_read(struct identify *out, struct bytes arg, struct err *err)
{
    *out = (struct identify){ .legacy = ejson_type(arg) == EJ_STR };
    out->token = text_of(out->legacy ? arg : ejson_get(arg, "token"));
    if (str_is_empty(out->token))
        return err_set(err, ERR_INPUT, "identify without a token");
    if (out->legacy)
        return 0;
    return read_metadata(out, ejson_get(arg, "metadata"), err);
}

static void
add_client_config(struct jw *w, const struct identify_self *self)
{
    jw_key(w, "clientConfig");
    jw_obj(w);
    jw_key_str(w, "brokerClientId", self->client_id);
    jw_key_str(w, "version", self->version);
    for (size_t i = 0; i < N_ELEMENTS(self->flags); i++) {
        if (self->flags[i].name == NULL)
            break;
        jw_key_bool(w, self->flags[i].name, self->flags[i].value);
    }
    jw_end(w);
}

int
identify_add(struct buf *out, const struct identify_self *self)
{
    struct jw w;

    emitter_begin_event(&w, out, "identify");
    jw_obj(&w);
    jw_key_str(&w, "token", self->token);
    jw_key(&w, "metadata");
    jw_obj(&w);
    jw_key(&w, "capabilities");
    jw_arr(&w);
    jw_str(&w, post_streams);
    jw_end(&w);
    jw_key_str(&w, "clientId", self->client_id);
    jw_key_str(&w, "identifier", self->identifier);
    jw_key_str(&w, "version", self->version);
    add_client_config(&w, self);
    jw_key(&w, "filters");
    ejson_add(&w, self->filters);
    jw_key_str(&w, "role", self->role);
    jw_end(&w);
    jw_end(&w);
    return emitter_end_event(&w, 0);
}

bool
identify_server_takes_posts(struct bytes arg)
{
    return lists(ejson_get(arg, "capabilities"), receive_post_streams);
}

int
identify_add_server(struct buf *out)
{
    struct jw w;

    emitter_begin_event(&w, out, "identify");
    jw_obj(&w);
    jw_key(&w, "capabilities");
    jw_arr(&w);
    jw_str(&w, receive_post_streams);
    jw_end(&w);
    jw_end(&w);
    return emitter_end_event(&w, 0);
}

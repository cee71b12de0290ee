/* The agent's neighbours towards images: the registry and the scanner. */
#include "agent-fakes.h"

#include "base/list.h"
#include "engine/registry/credentials.h"

/* ---- registry ---------------------------------------------------------- */

struct registry {
    unsigned refs;
    char type[32], base[128];
};

static struct reg_op {
    char name[64]; /* "" when none runs */
    reg_done_cb on_done;
    reg_list_cb on_list;
    void *arg;
} op;
static unsigned ops_cancelled;
char fake_username[64];

struct registry *
registry_new(struct reg_hub *hub, const struct reg_login *login,
             struct err *err)
{
    const char *type = reg_type_canonical(login->type);
    struct registry *r;

    (void)hub;
    if (type == NULL) {
        err_set_code(err, ERR_INPUT, "UNKNOWN_REGISTRY_TYPE", "unknown");
        return NULL;
    }
    r = xnew(struct registry);
    r->refs = 1;
    snprintf(r->type, sizeof(r->type), "%s", type);
    snprintf(r->base, sizeof(r->base), "%s", login->base);
    snprintf(fake_username, sizeof(fake_username), "%s", login->username);
    return r;
}

struct registry *
registry_ref(struct registry *r)
{
    r->refs++;
    return r;
}

void
registry_unref(struct registry *r)
{
    if (r != NULL && --r->refs == 0)
        free(r);
}

const char *
registry_type(const struct registry *r)
{
    return r->type;
}

const char *
registry_base(const struct registry *r)
{
    return r->base;
}

const char *
registry_fingerprint(const struct registry *r)
{
    (void)r;
    return fake_username;
}

static struct reg_op *
start_op(const char *name, reg_done_cb on_done, reg_list_cb on_list, void *arg)
{
    cr_expect_str_eq(op.name, "", "one at a time in these tests");
    snprintf(op.name, sizeof(op.name), "%s", name);
    op.on_done = on_done;
    op.on_list = on_list;
    op.arg = arg;
    return &op;
}

struct reg_op *
registry_validate(struct registry *r, uint64_t timeout_ms, reg_done_cb fn,
                  void *arg)
{
    (void)r, (void)timeout_ms;
    return start_op("validate", fn, NULL, arg);
}

struct reg_op *
registry_catalog(struct registry *r, reg_list_cb fn, void *arg)
{
    (void)r;
    return start_op("catalog", NULL, fn, arg);
}

struct reg_op *
registry_tags(struct registry *r, const char *repo, reg_list_cb fn, void *arg)
{
    auto_free char *name = xasprintf("tags %s", repo);

    (void)r;
    return start_op(name, NULL, fn, arg);
}

void
reg_op_cancel(struct reg_op *o)
{
    o->name[0] = '\0';
    ops_cancelled++;
}

const char *
fake_registry_op(void)
{
    return op.name[0] != '\0' ? op.name : NULL;
}

unsigned
fake_registry_cancelled(void)
{
    return ops_cancelled;
}

void
fake_registry_list(const char *const *names, size_t n)
{
    cr_assert_not_null(fake_registry_op());
    op.name[0] = '\0';
    op.on_list(names, n, NULL, op.arg);
}

void
fake_registry_done(const struct err *err)
{
    cr_assert_not_null(fake_registry_op());
    op.name[0] = '\0';
    if (op.on_list != NULL)
        op.on_list(NULL, 0, err, op.arg);
    else
        op.on_done(err, op.arg);
}

/* ---- scanner ----------------------------------------------------------- */

struct scan {
    const struct scan_request *req;
    const struct scan_events *events;
    void *arg;
};

static struct scan *scans[16];
static size_t n_scans;
static unsigned n_scans_cancelled, n_refusals;

struct scan *
scan_start(struct scanner *s, const struct scan_request *req,
           const struct scan_events *events, void *arg, struct err *err)
{
    struct scan *scan;

    (void)s;
    if (n_refusals > 0) {
        n_refusals--;
        err_set(err, ERR_BUSY, "no worker");
        return NULL;
    }
    scan = xnew(struct scan);
    *scan = (struct scan){ req, events, arg };
    scans[n_scans++] = scan;
    return scan;
}

static struct scan
take_scan(size_t i)
{
    struct scan taken = *scans[i];

    free(scans[i]);
    n_scans--;
    memmove(&scans[i], &scans[i + 1], (n_scans - i) * sizeof(scans[0]));
    return taken;
}

void
scan_cancel(struct scan *scan)
{
    for (size_t i = 0; i < n_scans; i++) {
        if (scans[i] == scan)
            take_scan(i);
    }
    n_scans_cancelled++;
}

size_t
fake_scans(void)
{
    return n_scans;
}

const struct scan_request *
fake_scan(size_t i)
{
    return scans[i]->req;
}

unsigned
fake_scans_cancelled(void)
{
    return n_scans_cancelled;
}

void
fake_scans_refuse(unsigned n)
{
    n_refusals = n;
}

void
fake_scan_image(size_t i)
{
    struct source_image image = {
        .image_id = "sha256:cc",
        .manifest_digest = "sha256:aa",
        .index_digest = "sha256:bb",
        .n_layers = 1,
        .size = 1000,
    };
    const struct scan s = *scans[i];

    s.events->on_image(&image, s.arg);
    s.events->on_layer(0, 1, "sha256:dd", LAYER_DONE, 1000, 1000, s.arg);
}

void
fake_scan_result(size_t i, size_t index, const char *json)
{
    const struct scan s = *scans[i];

    s.events->on_result(index, bytes_str(json), s.arg);
}

void
fake_scan_end(size_t i, size_t n_results, const struct err *err)
{
    struct scan s = take_scan(i);

    s.events->on_done(n_results, err, s.arg);
}

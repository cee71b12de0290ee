#include "scan-rig.h"

/* Reads all of its input first, but for HUNGRY layers and EARLY ones. */
static const char script[] =
    "#!/bin/sh\n"
    "DIR=%s\n"
    "mode=$1\n"
    "echo \"$mode $*\" >>$DIR/calls\n"
    "case $mode in\n"
    "layer)\n"
    "    if [ -e $DIR/early ]; then text=$(head -c 5)\n"
    "    else text=$(cat); fi\n"
    "    case $text in *BROKEN*)\n"
    "        echo '{\"error\":{\"kind\":\"input\",\"text\":\"broken tar\"}}' >&2\n"
    "        exit 1;;\n"
    "    *HUNGRY*)\n"
    "        echo '{\"error\":{\"kind\":\"limit\",\"text\":\"too much\"}}' >&2\n"
    "        exit 1;;\n"
    "    esac\n"
    "    echo '{\"record\":1,\"analyzer\":\"'$(cat $DIR/analyzer)'\"}'\n"
    "    echo \"{\\\"i\\\":0,\\\"p\\\":\\\"$text\\\",\\\"k\\\":\\\"x\\\"}\"\n"
    "    [ -e $DIR/cut ] && exit 0\n"
    "    echo '{\"end\":true,\"entries\":1,\"coding\":\"plain\"}';;\n"
    "image)\n"
    "    cat >$DIR/image\n"
    "    printf '{\"result\":1}\\n{\"result\":2}\\n';;\n"
    "index)\n"
    "    cat >/dev/null; cat $DIR/index;;\n"
    "esac\n";

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static char *
path_of(struct scan_rig *r, const char *name)
{
    return xasprintf("%s/%s", r->dir, name);
}

void
rig_write(struct scan_rig *r, const char *name, const char *content)
{
    auto_free char *path = path_of(r, name);
    FILE *f = fopen(path, "w");

    cr_assert_not_null(f, "%s", path);
    fputs(content, f);
    fclose(f);
}

char *
rig_file(struct scan_rig *r, const char *name)
{
    auto_free char *path = path_of(r, name);
    struct buf b = BUF_INIT(1 << 24);
    char chunk[4096];
    FILE *f = fopen(path, "r");
    size_t n;

    while (f != NULL && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, chunk, n);
    if (f != NULL)
        fclose(f);
    return buf_steal(&b);
}

unsigned
rig_calls(struct scan_rig *r, const char *mode)
{
    auto_free char *calls = rig_file(r, "calls");
    struct bytes rest = bytes_str(calls), line;
    unsigned n = 0;

    while (bytes_next(&rest, '\n', &line))
        n += bytes_starts(line, mode);
    return n;
}

void
rig_start(struct scan_rig *r)
{
    auto_free char *worker = NULL, *text = NULL;
    const char *env[3] = { NULL };
    auto_free char *setting = NULL;
    struct err err = { 0 };

    memset(r, 0, sizeof(*r));
    strcpy(r->dir, "/tmp/crab-scan-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    worker = path_of(r, "worker");
    text = xasprintf(script, r->dir);
    rig_write(r, "worker", text);
    rig_write(r, "analyzer", ANALYZER_VERSION);
    chmod(worker, 0700);
    setting = xasprintf("CRAB_WORKER=%s", worker);
    env[0] = setting;
    env[1] = "MAX_ACTIVE_OPERATIONS=2";
    cr_assert_eq(conf_load(&r->conf, "", (char *const *)(uintptr_t)env, NULL,
                           &err),
                 0, "%s", err.text);
    r->loop = loop_new(&err);
    r->store = store_open(r->loop, ":memory:", &err);
    r->pool = scanner_pool_new(r->loop, r->conf, &err);
    cr_assert(r->loop != NULL && r->store != NULL && r->pool != NULL, "%s",
              err.text);
    r->scanner = scanner_new(r->loop, r->conf, r->pool, r->store, &err);
}

void
rig_stop(struct scan_rig *r)
{
    scanner_free(r->scanner);
    proc_pool_free(r->pool);
    store_close(r->store);
    loop_free(r->loop);
    conf_free(r->conf);
    nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes a blob and gives its digest. */
static struct digest
add_blob(struct scan_rig *r, const char *layout, const char *content)
{
    struct digest d = digest_of(bytes_str(content));
    auto_free char *name =
        xasprintf("%s/blobs/sha256/%s", layout, digest_hex(&d));

    rig_write(r, name, content);
    return d;
}

static void
make_folders(struct scan_rig *r, const char *layout)
{
    static const char *const below[] = { "", "/blobs", "/blobs/sha256" };

    for (size_t i = 0; i < N_ELEMENTS(below); i++) {
        auto_free char *path = xasprintf("%s/%s%s", r->dir, layout, below[i]);

        mkdir(path, 0700);
    }
}

void
rig_layout(struct scan_rig *r, const char *name, const char *const *layers,
           size_t n)
{
    auto_buf struct buf list = BUF_INIT(1 << 20);
    auto_free char *manifest = NULL, *index = NULL, *file = NULL;
    struct digest config, d;

    make_folders(r, name);
    config = add_blob(r, name, "{\"os\":\"linux\",\"architecture\":\"amd64\"}");
    for (size_t i = 0; i < n; i++) {
        d = add_blob(r, name, layers[i]);
        buf_addf(&list, "%s{\"digest\":\"%s\",\"size\":%zu}", i > 0 ? "," : "",
                 d.text, strlen(layers[i]));
    }
    manifest = xasprintf("{\"config\":{\"digest\":\"%s\",\"size\":38},"
                         "\"layers\":[%s]}",
                         config.text, buf_cstr(&list));
    d = add_blob(r, name, manifest);
    index = xasprintf("{\"manifests\":[{\"digest\":\"%s\",\"size\":%zu,"
                      "\"mediaType\":\"application/vnd.oci.image.manifest.v1+"
                      "json\"}]}",
                      d.text, strlen(manifest));
    file = xasprintf("%s/index.json", name);
    rig_write(r, file, index);
}

/* ---- listening --------------------------------------------------------------- */

static void
on_layer(size_t layer, size_t n_layers, const char *digest,
         enum layer_state state, uint64_t n_bytes, uint64_t total, void *arg)
{
    struct scan_log *log = arg;

    cr_expect_lt(layer, n_layers);
    cr_expect_not_null(digest);
    cr_expect(total == 0 || n_bytes <= total);
    log->n_known += state == LAYER_KNOWN;
    log->n_started += state == LAYER_STARTED;
    log->n_done_layers += state == LAYER_DONE;
}

static void
on_image(const struct source_image *image, void *arg)
{
    struct scan_log *log = arg;

    cr_expect_not_null(image->default_name);
    cr_expect_eq(log->results.n, 0);
    log->n_images++;
}

static void
on_result(size_t index, struct bytes json, void *arg)
{
    struct scan_log *log = arg;

    buf_addf(&log->results, "%zu:", index);
    buf_add_bytes(&log->results, json);
    buf_add_char(&log->results, '\n');
}

static void
on_done(size_t n_results, const struct err *err, void *arg)
{
    struct scan_log *log = arg;

    log->ends++;
    log->n_results = n_results;
    log->scan = NULL;
    if (err != NULL)
        log->err = *err;
}

static const struct scan_events events = {
    .on_layer = on_layer,
    .on_image = on_image,
    .on_result = on_result,
    .on_done = on_done,
};

void
rig_scan_spec(struct scan_rig *r, struct scan_log *log,
              const struct scan_request *req)
{
    memset(log, 0, sizeof(*log));
    log->rig = r;
    buf_init(&log->results, 1 << 20);
    log->scan = scan_start(r->scanner, req, &events, log, &log->err);
    cr_assert_eq(log->ends + log->n_images, 0, "never from within");
}

void
rig_scan(struct scan_rig *r, struct scan_log *log, const char *name,
         const char *options)
{
    auto_free char *path = path_of(r, name);
    struct scan_request req = {
        .source = { .kind = SOURCE_OCI_DIR, .path = path },
        .options = options,
    };

    rig_scan_spec(r, log, &req);
    cr_assert_not_null(log->scan, "%s", log->err.text);
}

void
log_clear(struct scan_log *log)
{
    buf_clear(&log->results);
}

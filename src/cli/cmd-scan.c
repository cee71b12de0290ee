/* crab scan: one image in, its scan results out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf/file.h"
#include "base/json/jw.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/login.h"
#include "cli/progress.h"
#include "cli/table.h"

#define OPTIONS_MAX_BYTES (1u << 20)
#define OUTPUT_MAX_BYTES  ((size_t)1 << 30)

enum format { FORMAT_TABLE, FORMAT_SNYK };

static struct {
    const char *format, *output, *platform, *options;
    bool compat;
    struct login_args login;
} given;

static const struct arg_option scan_options[] = {
    { .name = "format", .value = "table|snyk", .text = &given.format,
      .doc = "for people, or the facts as JSON (table)" },
    { .name = "output", .value = "FILE", .text = &given.output,
      .doc = "write results there, not to standard output" },
    { .name = "platform", .value = "OS/ARCH[/VARIANT]",
      .text = &given.platform, .doc = "which image of several (linux/amd64)" },
    { .name = "options", .value = "FILE", .text = &given.options,
      .doc = "JSON object of scan options, crab(1)" },
    { .name = "compat", .on = &given.compat,
      .doc = "as the original scans, its mistakes included" },
    LOGIN_OPTIONS(given.login),
    { .name = NULL },
};

struct scan_run {
    struct cli cli;
    enum format format;
    struct source_spec spec;   /* owns its texts */
    struct registry *registry; /* shares; registry sources only */
    char *options;             /* owns; JSON text, NULL without */
    struct jx *options_doc;    /* owns; the same */
    struct buf dockerfile;     /* that of option `file` */
    struct progress *progress; /* owns */
    struct table *table;       /* owns */
    struct buf out;            /* what will be written */
    struct jw jw;              /* into out; snyk only */
    struct err err;            /* why it failed; kind NONE: it did not */
};

/* ---- the source ---------------------------------------------------------- */

static const struct scheme {
    const char *prefix;
    enum source_kind kind;
} schemes[] = {
    { "docker-archive:", SOURCE_DOCKER_ARCHIVE },
    { "oci-archive:", SOURCE_OCI_ARCHIVE },
    { "kaniko-archive:", SOURCE_KANIKO_ARCHIVE },
    { "oci:", SOURCE_OCI_DIR },
};

/* DIR[:REF]: the whole when that is a directory, else cut at the first ":". */
static void
set_directory(struct source_spec *spec, const char *text)
{
    struct stat st;
    const char *colon = strchr(text, ':');

    if (colon == NULL || (stat(text, &st) == 0 && S_ISDIR(st.st_mode))) {
        spec->path = xstrdup(text);
        return;
    }
    spec->path = xstrndup(text, (size_t)(colon - text));
    spec->ref = xstrdup(colon + 1);
}

static void
set_source(struct source_spec *spec, const char *text)
{
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++) {
        if (!str_starts(text, schemes[i].prefix))
            continue;
        spec->kind = schemes[i].kind;
        text += strlen(schemes[i].prefix);
        if (spec->kind == SOURCE_OCI_DIR)
            set_directory(spec, text);
        else
            spec->path = xstrdup(text);
        return;
    }
    /* As the peer: a file without a type is tried as each of them. */
    if (str_ends(text, ".tar")) {
        spec->kind = SOURCE_DOCKER_ARCHIVE;
        spec->path = xstrdup(text);
        return;
    }
    spec->kind = SOURCE_REGISTRY;
}

static int
set_registry(struct scan_run *run, const char *text, struct err *err)
{
    auto_free char *base = NULL;
    auto_login struct login login = { 0 };

    if (login_split(&base, &run->spec.ref, text, run->cli.conf->cr_base,
                    err) < 0 ||
        login_find(&login, &given.login, base, run->options_doc,
                   run->cli.conf, err) < 0)
        return -1;
    run->spec.name = xstrdup(text);
    run->registry = login_registry(&login, run->cli.hub, err);
    run->spec.registry = run->registry;
    return run->registry != NULL ? 0 : -1;
}

/* ---- what was asked for -------------------------------------------------- */

static int
read_dockerfile(struct scan_run *run, struct err *err)
{
    const char *path = jx_str(run->options_doc, "file");

    buf_init(&run->dockerfile, DOCKERFILE_MAX_BYTES);
    if (str_is_empty(path))
        return 0;
    buf_room(&run->dockerfile, 1);
    if (conf_read_file(&run->dockerfile, path, err) < 0)
        return err_wrap(err, "option file");
    return 0;
}

static int
read_options(struct scan_run *run, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(OPTIONS_MAX_BYTES);

    if (given.options == NULL)
        return 0;
    if (conf_read_file(&text, given.options, err) < 0)
        return err_wrap(err, "--options");
    run->options_doc = jx_parse(buf_bytes(&text), OPTIONS_MAX_BYTES, err);
    if (run->options_doc == NULL)
        return err_wrap(err, "--options %s", given.options);
    if (!jx_is_obj(run->options_doc))
        return err_set(err, ERR_INPUT, "--options %s: not a JSON object",
                       given.options);
    run->options = buf_steal(&text);
    return read_dockerfile(run, err);
}

/* What can be said before anything is touched: 2 is the answer to these. */
static int
read_words(struct scan_run *run, const char *source, struct err *err)
{
    run->format = FORMAT_TABLE;
    if (str_eq(given.format, "snyk"))
        run->format = FORMAT_SNYK;
    else if (given.format != NULL && !str_eq(given.format, "table"))
        return err_set(err, ERR_INPUT, "--format: %.100s: table or snyk is "
                                       "wanted", given.format);
    set_source(&run->spec, source);
    if (given.platform == NULL)
        return 0;
    run->spec.has_platform = true;
    if (platform_parse(&run->spec.platform, given.platform, err) < 0)
        return err_wrap(err, "--platform");
    return 0;
}

/* "host[:port]" of a reference that begins with http://; NULL otherwise. */
static char *
plain_host(const char **source)
{
    bool plain;

    *source = login_strip_scheme(*source, &plain);
    return plain ? xstrndup(*source, strcspn(*source, "/")) : NULL;
}

/* ---- results ------------------------------------------------------------- */

static void
on_layer(size_t layer, size_t n_layers, const char *digest,
         enum layer_state state, uint64_t n_bytes, uint64_t total, void *arg)
{
    struct scan_run *run = arg;

    progress_layer(run->progress, layer, n_layers, digest, state, n_bytes,
                   total);
}

static void
on_result(size_t index, struct bytes json, void *arg)
{
    struct scan_run *run = arg;

    (void)index;
    if (run->format == FORMAT_SNYK)
        jw_raw(&run->jw, json);
    else if (run->err.kind == ERR_NONE)
        table_add(run->table, json, &run->err);
}

static void
on_done(size_t n_results, const struct err *err, void *arg)
{
    struct scan_run *run = arg;

    (void)n_results;
    if (err != NULL)
        run->err = *err;
    loop_stop(run->cli.loop);
}

static const struct scan_events scan_events = {
    .on_layer = on_layer, .on_result = on_result, .on_done = on_done,
};

static int
scan(struct scan_run *run, struct err *err)
{
    struct scan_request req = {
        .source = run->spec,
        .options = run->options,
        .dockerfile = buf_bytes(&run->dockerfile),
        .compat = given.compat || run->cli.conf->compat,
    };

    /* The preset is the service's; a person may scan what they like. */
    if (conf_is_given(run->cli.conf, "SNYK_MAX_IMAGE_SIZE_IN_BYTES"))
        req.source.max_size = run->cli.conf->max_image_bytes;
    if (cli_open_scanner(&run->cli, err) < 0)
        return -1;
    jw_init(&run->jw, &run->out);
    jw_obj(&run->jw);
    jw_key(&run->jw, "scanResults");
    jw_arr(&run->jw);
    if (scan_start(run->cli.scanner, &req, &scan_events, run, err) == NULL)
        return -1;
    loop_run(run->cli.loop);
    if (run->err.kind != ERR_NONE) {
        *err = run->err;
        return -1;
    }
    jw_end(&run->jw);
    jw_end(&run->jw);
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

/* The peer's own classes of errors keep their names ("ParseError"). */
static const char *
peer_name(const struct err *err)
{
    const char *code = err_code(err);

    return str_ends(code, "Error") ? code : "Error";
}

static void
write_error(struct scan_run *run, const struct err *err)
{
    bool compat = given.compat ||
                  (run->cli.conf != NULL && run->cli.conf->compat);

    buf_reset(&run->out);
    jw_init(&run->jw, &run->out);
    jw_obj(&run->jw);
    jw_key(&run->jw, "error");
    jw_obj(&run->jw);
    jw_key_str(&run->jw, "name", compat ? peer_name(err) : err_code(err));
    jw_key_str(&run->jw, "message", err->text);
    jw_end(&run->jw);
    jw_end(&run->jw);
}

static int
write_all(int fd, struct bytes b, const char *what, struct err *err)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "%s", what);
        b = bytes_from(b, (size_t)n);
    }
    return 0;
}

/* All of a file or nothing: it takes its name when it is whole. */
static int
write_file(const char *path, struct bytes b, struct err *err)
{
    auto_free char *part = xasprintf("%s.XXXXXX", path);
    auto_fd int fd = mkostemp(part, O_CLOEXEC);
    mode_t mask = umask(0);

    umask(mask);
    if (fd < 0)
        return err_set_errno(err, errno, "%s", path);
    if (write_all(fd, b, path, err) < 0) {
        unlink(part);
        return -1;
    }
    if (fchmod(fd, 0666 & ~mask) < 0 || rename(part, path) < 0) {
        err_set_errno(err, errno, "%s", path);
        unlink(part);
        return -1;
    }
    return 0;
}

static int
write_output(struct scan_run *run, struct err *err)
{
    if (run->format == FORMAT_SNYK)
        buf_add_char(&run->out, '\n');
    if (buf_check(&run->out, "scan results", err) < 0)
        return -1;
    if (given.output != NULL)
        return write_file(given.output, buf_bytes(&run->out), err);
    return write_all(STDOUT_FILENO, buf_bytes(&run->out), "standard output",
                     err);
}

/* ---- the command --------------------------------------------------------- */

/* 0 with run->out to be written, or -1 and err. */
static int
work(struct scan_run *run, struct args *args, const char *source,
     struct err *err)
{
    auto_free char *plain = run->spec.kind == SOURCE_REGISTRY
                                ? plain_host(&source)
                                : NULL;

    if (cli_open(&run->cli, args, plain, err) < 0 ||
        read_options(run, err) < 0)
        return -1;
    if (run->spec.kind == SOURCE_REGISTRY && set_registry(run, source, err) < 0)
        return -1;
    if (scan(run, err) < 0)
        return -1;
    if (run->format == FORMAT_TABLE) {
        buf_reset(&run->out);
        table_write(run->table, &run->out);
    }
    return 0;
}

static void
clear(struct scan_run *run)
{
    if (run->registry != NULL)
        registry_unref(run->registry);
    cli_close(&run->cli);
    free(run->spec.path);
    free(run->spec.ref);
    free(run->spec.name);
    free(run->options);
    buf_clear(&run->dockerfile);
    jx_free(run->options_doc);
    table_free(run->table);
    buf_clear(&run->out);
}

static int
run_scan(const struct command *self, int argc, char **argv)
{
    struct scan_run run = { .out = BUF_INIT(OUTPUT_MAX_BYTES) };
    struct args args;
    struct err err = { 0 }, why;
    int code, rc;

    if (cli_parse(&args, self, argc, argv, 1, 1, &code) < 0)
        return code;
    if (read_words(&run, args.words[0], &err) < 0) {
        clear(&run);
        return cli_usage(self, &err);
    }
    run.table = table_new();
    run.progress = progress_new(stderr);
    rc = work(&run, &args, args.words[0], &err);
    progress_free(run.progress);
    code = EXIT_DONE;
    if (rc < 0) {
        code = cli_fail(&err);
        buf_reset(&run.out);
        if (run.format == FORMAT_SNYK)
            write_error(&run, &err);
    }
    if ((rc == 0 || run.format == FORMAT_SNYK) && write_output(&run, &why) < 0)
        code = cli_fail(&why);
    clear(&run);
    return code;
}

const struct command command_scan = {
    .name = "scan",
    .synopsis = "[option ...] SOURCE",
    .doc = "The facts of one image: docker-archive:FILE, oci-archive:FILE, "
           "kaniko-archive:FILE,\n      oci:DIR[:REF], or "
           "[http://]HOST[:PORT]/REPO[:TAG][@DIGEST].",
    .options = scan_options,
    .run = run_scan,
};

/* crab-worker: bytes in on stdin, a result out on stdout, in a cage between
 * the two. The modes live in files of their own. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json/jw.h"
#include "base/log.h"
#include "base/str.h"
#include "worker/archive/ar.h"
#include "worker/image/image.h"
#include "worker/index.h"
#include "worker/layer.h"
#include "worker/limits.h"
#include "worker/output.h"
#include "worker/sandbox.h"
#include "worker/scratch.h"
#include "worker/warm.h"

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct settings {
    struct limits limits;
    struct layer_options layer;
    const char *include[GLOBS_MAX], *exclude[GLOBS_MAX]; /* of the layer */
};

struct mode {
    const char *name;
    int (*run)(const struct settings *s, struct err *err);
    const char *doc;
};

static int
run_layer(const struct settings *s, struct err *err)
{
    return layer_run(STDIN_FILENO, STDOUT_FILENO, &s->layer, &s->limits, err);
}

static int
run_image(const struct settings *s, struct err *err)
{
    return image_run(STDIN_FILENO, STDOUT_FILENO, &s->limits, err);
}

static int
run_index(const struct settings *s, struct err *err)
{
    return index_run(STDIN_FILENO, STDOUT_FILENO, &s->limits, err);
}

static const struct mode modes[] = {
    { "layer", run_layer, "a stored layer in, its record out" },
    { "image", run_image, "an image's records in, its scan results out" },
    { "index", run_index, "an outer archive in, a list of its members out" },
};

enum option_code {
    OPT_LIMIT = 256, /* plus the row of limit_options */
    OPT_MEMBER = 512,
    OPT_DIFF_ID,
    OPT_ZLIB,
    OPT_INCLUDE,
    OPT_EXCLUDE,
    OPT_HELP,
    OPT_VERSION,
};

#define N_OWN_OPTIONS 7
#define MAX_OPTIONS   32

static void
print_help(void)
{
    printf("usage: crab-worker MODE [option ...] <input >output\n\nmodes\n");
    for (size_t i = 0; i < N_ELEMENTS(modes); i++)
        printf("  %-26s %s\n", modes[i].name, modes[i].doc);
    printf("\nof mode layer\n"
           "  %-26s %s\n  %-26s %s\n  %-26s %s\n  %-26s %s\n  %-26s %s\n"
           "\nlimits, 0 means none\n",
           "--member OFFSET:SIZE", "the input is an archive, the layer a range",
           "--diff-id", "hash the uncompressed bytes too",
           "--zlib", "inflate with zlib even where igzip is there",
           "--glob-include PATTERN", "keep files with such paths as they are",
           "--glob-exclude PATTERN", "but none with such paths");
    for (const struct limit_option *o = limit_options; o->name != NULL; o++) {
        char left[64];

        snprintf(left, sizeof(left), "--%s %s", o->name, o->unit);
        printf("  %-26s %s (%llu)\n", left, o->doc,
               (unsigned long long)o->preset);
    }
    printf("\n  --help\n  --version\n");
}

static void
print_version(void)
{
    printf("%s\ncage: %s\n", PACKAGE_STRING, sandbox_kind());
}

/* "OFFSET:SIZE", both in bytes. */
static int
set_member(struct layer_options *layer, const char *text, struct err *err)
{
    struct bytes rest = bytes_str(text), offset, size;

    layer->has_member = bytes_next(&rest, ':', &offset) &&
                        bytes_next(&rest, ':', &size) && rest.n == 0 &&
                        bytes_to_u64(offset, &layer->member_offset) &&
                        bytes_to_u64(size, &layer->member_bytes);
    return layer->has_member
               ? 0
               : err_set(err, ERR_INPUT, "--member: not OFFSET:SIZE: %.100s",
                         text);
}

static void
list_options(struct option out[MAX_OPTIONS])
{
    static const struct option own[N_OWN_OPTIONS] = {
        { "member", required_argument, NULL, OPT_MEMBER },
        { "diff-id", no_argument, NULL, OPT_DIFF_ID },
        { "zlib", no_argument, NULL, OPT_ZLIB },
        { "glob-include", required_argument, NULL, OPT_INCLUDE },
        { "glob-exclude", required_argument, NULL, OPT_EXCLUDE },
        { "help", no_argument, NULL, OPT_HELP },
        { "version", no_argument, NULL, OPT_VERSION },
    };
    size_t n = N_OWN_OPTIONS;

    memset(out, 0, MAX_OPTIONS * sizeof(*out));
    memcpy(out, own, sizeof(own));
    for (size_t i = 0; limit_options[i].name != NULL; i++)
        out[n++] = (struct option){ limit_options[i].name, required_argument,
                                    NULL, OPT_LIMIT + (int)i };
}

static int
add_pattern(const char **patterns, size_t *n, struct err *err)
{
    if (*n >= GLOBS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d patterns", GLOBS_MAX);
    patterns[(*n)++] = optarg;
    return 0;
}

static int
set_option(struct settings *s, int code, struct err *err)
{
    switch (code) {
    case OPT_MEMBER:
        return set_member(&s->layer, optarg, err);
    case OPT_DIFF_ID:
        s->layer.diff_id = true;
        return 0;
    case OPT_ZLIB:
        s->layer.use_zlib = true;
        return 0;
    case OPT_INCLUDE:
        return add_pattern(s->include, &s->layer.variant.n_include, err);
    case OPT_EXCLUDE:
        return add_pattern(s->exclude, &s->layer.variant.n_exclude, err);
    default:
        return limits_set(&s->limits, &limit_options[code - OPT_LIMIT], optarg,
                          err);
    }
}

/* The mode to run; NULL when that is all: *code tells with what. */
static const struct mode *
parse(int argc, char **argv, struct settings *s, enum exit_code *code)
{
    struct option options[MAX_OPTIONS];
    struct err err;
    int c;

    list_options(options);
    *code = EXIT_USAGE;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == '?')
            return NULL;
        if (c == OPT_HELP || c == OPT_VERSION) {
            *code = EXIT_DONE;
            if (c == OPT_HELP)
                print_help();
            else
                print_version();
            return NULL;
        }
        if (set_option(s, c, &err) < 0) {
            fprintf(stderr, "crab-worker: %s\n", err.text);
            return NULL;
        }
    }
    for (size_t i = 0; optind == argc - 1 && i < N_ELEMENTS(modes); i++) {
        if (strcmp(argv[optind], modes[i].name) == 0)
            return &modes[i];
    }
    fprintf(stderr, "crab-worker: say one mode, see --help\n");
    return NULL;
}

/* The one line that tells why. */
static void
tell(const struct err *err)
{
    auto_buf struct buf line = BUF_INIT(64 << 10);
    struct jw w;
    int fd = STDERR_FILENO;

    jw_init(&w, &line);
    jw_obj(&w);
    jw_key(&w, "error");
    jw_obj(&w);
    jw_key_str(&w, "kind", err_kind_name(err->kind));
    jw_key_str(&w, "code", err_code(err));
    jw_key_str(&w, "text", err->text);
    jw_end(&w);
    jw_end(&w);
    buf_add_char(&line, '\n');
    output_write(buf_bytes(&line), &fd, NULL);
}

static void
set_up_log(void)
{
    const char *text = getenv("LOG_LEVEL");
    enum log_level level = LOG_LEVEL_INFO;

    if (text != NULL)
        log_level_parse(text, &level);
    log_setup("crab-worker", STDERR_FILENO, level, LOG_FORM_JSON);
}

/* Only layers have bodies to be read at random. */
static bool
make_scratch(struct settings *s, const struct mode *mode)
{
    if (mode->run != run_layer)
        return false;
    s->layer.scratch_fd = scratch_open();
    return s->layer.scratch_fd == SCRATCH_FD;
}

/* Nothing of the input is read before this. */
static int
enter_cage(struct settings *s, const struct mode *mode, struct err *err)
{
    const struct sandbox_conf conf = {
        .memory_bytes = s->limits.memory_bytes,
        .cpu_s = s->limits.cpu_s,
        .scratch = make_scratch(s, mode),
        .scratch_bytes = s->limits.scratch_bytes,
    };

    warm_up();
    on_no_memory(sandbox_no_memory);
    return sandbox_enter(&conf, err);
}

int
main(int argc, char **argv)
{
    struct settings s = { .layer = { .has_member = false } };
    const struct mode *mode;
    enum exit_code code;
    struct err err;

    limits_init(&s.limits);
    s.layer.variant.include = s.include;
    s.layer.variant.exclude = s.exclude;
    mode = parse(argc, argv, &s, &code);
    if (mode == NULL)
        return code;
    set_up_log();
    /* Whoever reads us may leave; that is an error, not a death. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (enter_cage(&s, mode, &err) == 0 && mode->run(&s, &err) == 0)
        return EXIT_DONE;
    tell(&err);
    return EXIT_FAILED;
}

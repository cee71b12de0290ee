/* crab check: walk the way to an image step by step, and say where it ends. */
#include <stdio.h>
#include <string.h>

#include "base/oci/ref.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/login.h"

#define VALIDATE_TIMEOUT_MS 30000

static struct {
    const char *registry;
    struct login_args login;
} given;

static const struct arg_option check_options[] = {
    { .name = "registry", .value = "BASE", .text = &given.registry,
      .doc = "[http://]host[:port][/path] (CR_BASE)" },
    LOGIN_OPTIONS(given.login),
    { .name = NULL },
};

struct check_run {
    struct cli cli;
    struct registry *registry; /* shares */
    struct ref ref;            /* what to look at; repo NULL: not known yet */
    bool repo_given;
    char *detail;              /* owns; what the last step found */
    struct err err;            /* of the last step */
};

static void
set_detail(struct check_run *run, char *taken)
{
    free(run->detail);
    run->detail = taken;
}

static void
on_step(const struct err *err, void *arg)
{
    struct check_run *run = arg;

    run->err = err != NULL ? *err : (struct err){ 0 };
    loop_stop(run->cli.loop);
}

static void
ping(struct check_run *run)
{
    set_detail(run, xstrdup(registry_base(run->registry)));
    registry_ping(run->registry, on_step, run);
    loop_run(run->cli.loop);
}

static void
auth(struct check_run *run)
{
    set_detail(run, xstrdup(registry_type(run->registry)));
    registry_validate(run->registry, VALIDATE_TIMEOUT_MS, on_step, run);
    loop_run(run->cli.loop);
}

/* Without a repository on the command line, the first one will do. */
static void
on_repos(const char *const *names, size_t n, const struct err *err, void *arg)
{
    struct check_run *run = arg;

    if (err == NULL) {
        set_detail(run, xasprintf("%zu repositories", n));
        if (!run->repo_given && n > 0)
            run->ref.repo = xstrdup(names[0]);
    }
    on_step(err, arg);
}

/* Nor is a tag needed: the first one of the first repository. */
static void
on_tags(const char *const *names, size_t n, const struct err *err, void *arg)
{
    struct check_run *run = arg;

    if (err == NULL && n > 0)
        run->ref.tag = xstrdup(names[0]);
    on_step(err, arg);
}

static void
list(struct check_run *run)
{
    set_detail(run, NULL);
    if (run->cli.conf->disable_list_repos) {
        set_detail(run, xstrdup("not asked (SNYK_DISABLE_LIST_REPOS)"));
        on_step(NULL, run);
        return;
    }
    registry_catalog(run->registry, on_repos, run);
    loop_run(run->cli.loop);
    if (run->err.kind != ERR_NONE || run->ref.repo == NULL || run->repo_given)
        return;
    registry_tags(run->registry, run->ref.repo, on_tags, run);
    loop_run(run->cli.loop);
}

static void
on_manifest(const struct reg_manifest *m, const struct err *err, void *arg)
{
    struct check_run *run = arg;

    if (err == NULL) {
        auto_free char *name = ref_format(&run->ref);

        set_detail(run, xasprintf("%s is %s", name, m->digest.text));
    }
    on_step(err, arg);
}

static void
manifest(struct check_run *run)
{
    set_detail(run, NULL);
    registry_manifest(run->registry, run->ref.repo, ref_selector(&run->ref),
                      on_manifest, run);
    loop_run(run->cli.loop);
}

static void
on_image(const struct reg_image *image, const struct err *err, void *arg)
{
    struct check_run *run = arg;

    if (err == NULL)
        set_detail(run, xasprintf("config %s, %zu bytes",
                                  image->manifest->config.digest.text,
                                  image->config.n));
    on_step(err, arg);
}

/* The config is the smallest blob an image has. */
static void
blob(struct check_run *run)
{
    struct platform platform = PLATFORM_DEFAULT;

    set_detail(run, NULL);
    registry_image(run->registry, run->ref.repo, ref_selector(&run->ref),
                   &platform, on_image, run);
    loop_run(run->cli.loop);
}

static const struct step {
    const char *name;
    void (*run)(struct check_run *run);
    bool needs_repo;
    bool may_fail; /* when a repository was given: names are known then */
} steps[] = {
    { .name = "ping", .run = ping },
    { .name = "auth", .run = auth },
    { .name = "list", .run = list, .may_fail = true },
    { .name = "manifest", .run = manifest, .needs_repo = true },
    { .name = "blob", .run = blob, .needs_repo = true },
};

/* What usually is the cause. Rows without a step are for all. */
static const struct hint {
    const char *step;
    enum err_kind kind;
    const char *text;
} hints[] = {
    { "list", ERR_AUTH, "many registries list only for administrators; name "
                        "a repository: crab check REPO" },
    { "list", ERR_DENIED, "many registries list only for administrators; name "
                          "a repository: crab check REPO" },
    { "list", ERR_ABSENT, "this registry has no catalog; name a repository: "
                          "crab check REPO" },
    { "list", ERR_UNSUPPORTED, "this registry has no catalog; name a "
                               "repository: crab check REPO" },
    { "manifest", ERR_ABSENT, "is the repository spelt as crab ls shows it, "
                              "and is the tag there (crab ls REPO)?" },
    { "manifest", ERR_AUTH, "the login is good, but may it pull this "
                            "repository?" },
    { "manifest", ERR_DENIED, "may this login pull this repository?" },
    { "blob", ERR_NET, "blobs often come from another host: does a firewall "
                       "or proxy let it through?" },
    { NULL, ERR_AUTH, "check CR_USERNAME and CR_PASSWORD (--username, "
                      "--password-stdin); some registries want a token "
                      "instead of the password" },
    { NULL, ERR_DENIED, "the registry knows the login and refuses it" },
    { NULL, ERR_TLS, "a private CA goes into NODE_EXTRA_CA_CERTS; a registry "
                     "without TLS into CRAB_ALLOW_HTTP" },
    { NULL, ERR_NET, "is the base right, does its name resolve, is a proxy "
                     "needed (HTTPS_PROXY) or in the way (NO_PROXY)?" },
    { NULL, ERR_TIMEOUT, "a firewall that drops packets looks like this; is "
                         "a proxy needed (HTTPS_PROXY)?" },
    { NULL, ERR_RATE, "the registry asks us to slow down; try again later" },
    { NULL, ERR_ABSENT, "is the base right? Some registries live below a "
                        "path: host/path" },
};

static const char *
hint_for(const char *step, enum err_kind kind)
{
    for (size_t i = 0; i < N_ELEMENTS(hints); i++) {
        if (hints[i].kind == kind &&
            (hints[i].step == NULL || strcmp(hints[i].step, step) == 0))
            return hints[i].text;
    }
    return NULL;
}

static void
print_step(const struct step *step, const char *verdict, const char *detail)
{
    printf("%-9s %-7s %s\n", step->name, verdict, detail != NULL ? detail : "");
    fflush(stdout);
}

static int
fail_step(const struct step *step, struct err *err)
{
    const char *hint = hint_for(step->name, err->kind);

    print_step(step, "failed", err->text);
    fprintf(stderr, "crab: %s: %s\n", step->name, err->text);
    if (hint != NULL)
        fprintf(stderr, "crab: hint: %s\n", hint);
    return EXIT_FAILED;
}

static int
walk(struct check_run *run)
{
    for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
        const struct step *step = &steps[i];

        if (step->needs_repo && run->ref.repo == NULL) {
            print_step(step, "skipped", "no repository is known: crab check "
                                        "REPO");
            continue;
        }
        step->run(run);
        if (run->err.kind == ERR_NONE)
            print_step(step, "ok", run->detail);
        else if (step->may_fail && run->repo_given)
            print_step(step, "refused", run->err.text);
        else
            return fail_step(step, &run->err);
    }
    return EXIT_DONE;
}

static int
open_all(struct check_run *run, struct args *args, struct err *err)
{
    if (cli_open_registry(&run->cli, &run->registry, args, given.registry,
                          &given.login, err) < 0)
        return -1;
    run->repo_given = args->n_words > 0;
    if (!run->repo_given)
        return 0;
    return ref_parse_in(&run->ref, args->words[0],
                        registry_base(run->registry), err);
}

static int
run_check(const struct command *self, int argc, char **argv)
{
    struct check_run run = { 0 };
    struct args args;
    struct err err;
    int code;

    if (cli_parse(&args, self, argc, argv, 0, 1, &code) < 0)
        return code;
    code = open_all(&run, &args, &err) < 0 ? cli_fail(&err) : walk(&run);
    if (run.registry != NULL)
        registry_unref(run.registry);
    cli_close(&run.cli);
    ref_clear(&run.ref);
    free(run.detail);
    return code;
}

const struct command command_check = {
    .name = "check",
    .synopsis = "[option ...] [REPO[:TAG]]",
    .doc = "Can this registry be used? ping, auth, list, manifest, blob: names "
           "the step\n      that fails, and why.",
    .options = check_options,
    .run = run_check,
};

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/installcmd.h"
#include "worker/graph/instructions.h"
#include "worker/graph/jsdate.h"

/* Matches are shown in brackets: "[apt-get install ]bash". */
static const char *const matches[] = {
    "[apt-get install ]bash",
    "[apt-get -y --yes install --assume-yes ]bash",
    "sudo [apt-get\tinstall\n ]bash",
    "[apk --no-cache add -u ]x",
    "[apk add ]-update x",
    "[apt -y install ]-y x",
    "[microdnf --nodocs install ]x",
    "micro[dnf --allowerasing install ]x",
    "[dnf install --best ]x",
    "[rpm -i ]x.rpm",
    "[rpm  --install ]x",
    "x[yum install ]y",
    "[aptitude install ]y",
};

static const char *const no_matches[] = {
    "apt-get install", "apt-get --quiet install x", "rpm -ivh x",
    "apk -q add x",    "yum -y install x",          "apt-getinstall x",
    "apt-get  update", "",
};

Test(installcmd, flags_may_stand_on_either_side_of_the_verb)
{
    for (size_t i = 0; i < N_ELEMENTS(matches); i++) {
        auto_buf struct buf text = BUF_INIT(1000);
        size_t open = strcspn(matches[i], "["), at = 0, len = 0;
        size_t close = strcspn(matches[i], "]");

        for (const char *s = matches[i]; *s != '\0'; s++) {
            if (*s != '[' && *s != ']')
                buf_add_char(&text, *s);
        }
        cr_expect(installcmd_find(buf_bytes(&text), &at, &len), "%s",
                  matches[i]);
        cr_expect_eq(at, open, "%s", matches[i]);
        cr_expect_eq(len, close - open - 1, "%s", matches[i]);
    }
}

Test(installcmd, other_commands_are_none)
{
    size_t at, len;

    for (size_t i = 0; i < N_ELEMENTS(no_matches); i++)
        cr_expect_not(installcmd_find(bytes_str(no_matches[i]), &at, &len),
                      "%s", no_matches[i]);
}

#define OLD "{\"created\":\"2024-01-01T00:00:00Z\",\"created_by\":\"base\"}"
#define RECENT(by) \
    "{\"created\":\"2024-05-01T10:00:00Z\",\"created_by\":\"" by "\"}"

static struct instructions *
read_history(const char *history)
{
    auto_free char *text = xasprintf("{\"history\":[%s]}", history);
    auto_jx struct jx *config = jx_parse(bytes_str(text), SIZE_MAX, NULL);

    cr_assert_not_null(config, "%s", text);
    return instructions_new(config);
}

static void
expect_written(const struct instructions *ins, const char *want)
{
    auto_buf struct buf out = BUF_INIT(1 << 20);
    struct jw jw;

    jw_init(&jw, &out);
    jw_obj(&jw);
    instructions_write(ins, &jw);
    jw_end(&jw);
    cr_expect_str_eq(buf_cstr(&out), want);
}

Test(instructions, words_of_an_install_command_are_packages)
{
    auto_instructions struct instructions *ins = read_history(
        OLD "," RECENT("RUN /bin/sh -c apt-get install -y  a $B=1 ; echo c"
                       " # buildkit"));

#define RUN "RUN /bin/sh -c apt-get install -y  a $B=1 ; echo c "
#define KEY \
    "UlVOIC9iaW4vc2ggLWMgYXB0LWdldCBpbnN0YWxsIC15ICBhICRCPTEgOyBlY2hvIGMg"
    expect_written(ins,
                   "{\"dockerfileLayers\":{\"" KEY "\":{\"instruction\":\"" RUN
                   "\"}},\"dockerfilePackages\":{\"a\":{\"instruction\":\"" RUN
                   "\",\"installCommand\":\"apt-get install -y a $B=1\"},"
                   "\"B\":{\"instruction\":\"" RUN "\",\"installCommand\":"
                   "\"apt-get install -y a $B=1\"}}}");
    cr_expect(instructions_any(ins));
    cr_expect_str_eq(instructions_layer_id(ins, "a"), KEY);
    cr_expect_null(instructions_find(ins, "c"));
}

Test(instructions, build_arguments_go_and_what_stands_before_a_command_stays)
{
    auto_instructions struct instructions *ins = read_history(
        OLD "," RECENT("RUN |1 V=2 /bin/sh -c sudo apt-get install a && X=1"
                       " apk add b"));

    /* Cut before the first command, so no "sudo"; but "X" is before its own. */
    cr_expect_null(instructions_find(ins, "sudo"));
    cr_expect_not_null(instructions_find(ins, "a"));
    cr_expect_not_null(instructions_find(ins, "b"));
    cr_expect_not_null(instructions_find(ins, "X"));
}

Test(instructions, only_steps_within_five_hours_of_the_last_count)
{
    auto_instructions struct instructions *ins = read_history(
        "{\"created\":\"2024-05-01T04:59:59Z\",\"created_by\":\"apk add a\"},"
        "{\"created\":\"2024-05-01T05:00:00Z\",\"created_by\":\"apk add b\"},"
        "{\"created\":\"not a date\",\"created_by\":\"apk add c\"},"
        "{\"created\":\"2024-05-01T12:00:00+02:00\",\"created_by\":\"CMD\"}");

    cr_expect_null(instructions_find(ins, "a"));
    cr_expect_not_null(instructions_find(ins, "b"));
    cr_expect_null(instructions_find(ins, "c"));
}

Test(instructions, when_all_steps_are_recent_nothing_is_known)
{
    auto_instructions struct instructions *ins =
        read_history(RECENT("apk add a"));

    cr_expect_not(instructions_any(ins));
}

Test(instructions, steps_without_a_layer_do_not_count)
{
    auto_instructions struct instructions *ins = read_history(
        OLD ",{\"created\":\"2024-05-01T10:00:00Z\",\"empty_layer\":true,"
        "\"created_by\":\"apk add a\"}");

    cr_expect_null(instructions_find(ins, "a"));
}

Test(instructions, the_last_to_name_a_package_wins)
{
    auto_instructions struct instructions *ins = read_history(
        OLD "," RECENT("apk add a") "," RECENT("apk add a=2"));

    cr_expect_str_eq(instructions_find(ins, "a"), "apk add a=2");
    cr_expect_not(instructions_full(ins));
}

/* One step of 8000 words: each repeats the whole step, and the command twice
 * as long: 16 MiB pay for 139 of them. */
Test(instructions, what_packages_repeat_has_a_ceiling)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);
    auto_instructions struct instructions *ins = NULL;
    size_t n = 0;

    buf_add_str(&text, OLD ",{\"created\":\"2024-05-01T10:00:00Z\","
                       "\"created_by\":\"apk add");
    for (int i = 0; i < 8000; i++)
        buf_addf(&text, " p%04d-x", i);
    buf_add_str(&text, "\"}");
    ins = read_history(buf_cstr(&text));
    for (int i = 0; i < 8000; i++) {
        auto_free char *name = xasprintf("p%04d-x", i);

        n += instructions_find(ins, name) != NULL;
    }
    cr_expect_eq(n, (16u << 20) / (2 * 8000 * strlen(" p0000-x")));
    cr_expect(instructions_full(ins));
}

/* The command of each is looked for in all of them. */
Test(instructions, a_long_step_costs_linear_time)
{
    auto_buf struct buf text = BUF_INIT(8 << 20);
    auto_instructions struct instructions *ins = NULL;

    buf_add_str(&text, OLD ",{\"created\":\"2024-05-01T10:00:00Z\","
                       "\"created_by\":\"apk add");
    for (int i = 0; i < 500000; i++)
        buf_addf(&text, " p%d", i);
    buf_add_str(&text, "\"}");
    ins = read_history(buf_cstr(&text));
    cr_expect_not_null(instructions_find(ins, "p0"));
    cr_expect_null(instructions_find(ins, "p499999"));
}

Test(instructions, the_earliest_of_dates_is_long_before_the_last)
{
    auto_instructions struct instructions *ins = read_history(
        "{\"created\":-9223372036854775808,\"created_by\":\"apk add a\"},"
        "{\"created\":0,\"created_by\":\"apk add b\"}");

    cr_expect_null(instructions_find(ins, "a"));
    cr_expect_not_null(instructions_find(ins, "b"));
}

Test(jsdate, shorter_forms_are_utc)
{
    static const struct {
        const char *json;
        bool valid;
        int64_t ms;
    } cases[] = {
        { "\"1970-01-02T00:00:00Z\"", true, 86400000 },
        { "\"1970-01-01T00:00:01.5\"", true, 1500 },
        { "\"1970-01-02\"", true, 86400000 },
        { "\"1970-01-01T00:01\"", true, 60000 },
        { "\"1970-01-01T01:00:00+01:00\"", true, 0 },
        { "7", true, 7 },
        { "\"soon\"", false, 0 },
        { "\"\"", false, 0 },
    };
    int64_t ms;

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_free char *text = xasprintf("[%s]", cases[i].json);
        auto_jx struct jx *doc = jx_parse(bytes_str(text), SIZE_MAX, NULL);

        ms = 0;
        cr_expect_eq(js_date(jx_at(doc, 0), true, &ms), cases[i].valid, "%s",
                     cases[i].json);
        cr_expect_eq(ms, cases[i].ms, "%s", cases[i].json);
    }
    cr_expect(js_date(NULL, true, &ms));
    cr_expect_not(js_date(NULL, false, &ms));
}

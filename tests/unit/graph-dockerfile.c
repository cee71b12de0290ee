#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "worker/graph/dockerfile.h"

/* "base: run | run", or the error's code instead of the base. */
static char *
told(const char *text, bool compat)
{
    auto_dockerfile struct dockerfile *d =
        dockerfile_new(bytes_str(text), compat);
    auto_buf struct buf out = BUF_INIT(1 << 20);
    const char *const *runs;
    size_t n;

    cr_expect_eq(dockerfile_base(d) == NULL, dockerfile_error(d) != NULL);
    buf_add_str(&out, dockerfile_base(d) != NULL ? dockerfile_base(d)
                                                 : dockerfile_error(d));
    runs = dockerfile_runs(d, &n);
    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s%s", i > 0 ? " | " : ": ", runs[i]);
    return buf_steal(&out);
}

struct answer {
    const char *text, *want;
};

static void
expect_all(const struct answer *answers, size_t n, bool compat)
{
    for (size_t i = 0; i < n; i++) {
        auto_free char *got = told(answers[i].text, compat);

        cr_expect_str_eq(got, answers[i].want, "%s\n%s", answers[i].text, got);
    }
}

#define expect_both(...) \
    do { \
        static const struct answer answers_[] = { __VA_ARGS__ }; \
        expect_all(answers_, N_ELEMENTS(answers_), true); \
        expect_all(answers_, N_ELEMENTS(answers_), false); \
    } while (0)
#define expect_compat(...) \
    do { \
        static const struct answer answers_[] = { __VA_ARGS__ }; \
        expect_all(answers_, N_ELEMENTS(answers_), true); \
    } while (0)
#define expect_right(...) \
    do { \
        static const struct answer answers_[] = { __VA_ARGS__ }; \
        expect_all(answers_, N_ELEMENTS(answers_), false); \
    } while (0)

#define NOT_FOUND      "BASE_IMAGE_NAME_NOT_FOUND"
#define NON_RESOLVABLE "BASE_IMAGE_NON_RESOLVABLE"

Test(dockerfile, the_base_is_that_of_the_last_stage)
{
    expect_both({ "FROM a\n", "a" }, { "from a\nFROM b AS x\n", "b" },
                { "FROM a AS x\nFROM x\n", "a" },
                { "FROM a as x\nFROM x AS y\nFROM y", "a" },
                { "FROM x AS x\nFROM x\n", "x" },
                { "FROM a AS s\nFROM b AS s\nFROM s\n", "b" },
                { "FROM --platform=linux/amd64 r:5/a:1@sha256:12\n",
                  "r:5/a:1@sha256:12" },
                { "FROM a # c\n", "a" }, { "FROM \\\n a\n", "a" },
                { "FR\\\nOM a\n", "a" }, { "\xef\xbb\xbf" "FROM a\n", "a" });
}

Test(dockerfile, without_a_base_it_says_why)
{
    expect_both({ "", NOT_FOUND }, { "# FROM a\n", NOT_FOUND },
                { "RUN x\n", NOT_FOUND ": RUN x" },
                { "ARG V\nFROM a:$V\n", NON_RESOLVABLE },
                { "FROM a\nARG V=1\nFROM a:$V\n", NON_RESOLVABLE },
                { "ENV V=1\nFROM a:$V\n", NON_RESOLVABLE },
                { "FROM $V AS x\nFROM x\n", NON_RESOLVABLE },
                { "FROM $V AS x\nFROM b\n", "b" });
}

Test(dockerfile, below_an_unknown_base_the_peer_takes_a_stage_for_an_image)
{
    expect_compat({ "FROM a:$V AS x\nFROM x AS y\nFROM y\n", "x" },
                  { "FROM $V AS x\nFROM x AS y\nFROM y AS z\nFROM z\n", "x" },
                  { "FROM $V AS x\nFROM x AS y\n", NON_RESOLVABLE });
    expect_right({ "FROM a:$V AS x\nFROM x AS y\nFROM y\n",
                   NON_RESOLVABLE });
}

/* A value of 100 KB, a thousand times: the one that passes 16 MiB is the last. */
Test(dockerfile, commands_have_a_ceiling_of_bytes)
{
    for (int compat = 0; compat < 2; compat++) {
        auto_buf struct buf text = BUF_INIT(1 << 20);
        auto_dockerfile struct dockerfile *d = NULL;
        size_t n;

        buf_add_str(&text, "FROM a\nENV V=");
        for (int i = 0; i < 10; i++)
            buf_addf(&text, "%010000d", 0);
        buf_add_str(&text, "\n");
        for (int i = 0; i < 1000; i++)
            buf_add_str(&text, "RUN $V\n");
        d = dockerfile_new(buf_bytes(&text), compat == 1);
        dockerfile_runs(d, &n);
        cr_expect_eq(n, (16u << 20) / (100000 + strlen("RUN ")) + 1);
        cr_expect_str_eq(dockerfile_base(d), "a");
        cr_expect(dockerfile_full(d));
    }
}

Test(dockerfile, a_usual_one_is_never_too_much)
{
    for (int compat = 0; compat < 2; compat++) {
        auto_dockerfile struct dockerfile *d = dockerfile_new(
            bytes_str("FROM a\nENV V=1\nRUN b $V\nRUN c ${V}\n"), compat == 1);

        cr_expect_not(dockerfile_full(d));
    }
}

/* The peer's expression of ".*.*.*x" looks everywhere for it. */
Test(dockerfile, a_name_that_is_costly_to_look_for_is_left_alone)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);
    auto_dockerfile struct dockerfile *d = NULL;
    size_t n;

    buf_add_str(&text, "FROM a\n");
    for (int i = 0; i < 300; i++)
        buf_addf(&text, "RUN ${.*.*.*x}%0500d\n", 0);
    buf_add_str(&text, "ENV V=1\nRUN $V\n");
    d = dockerfile_new(buf_bytes(&text), true);
    cr_assert_not_null(strstr(dockerfile_runs(d, &n)[300], "$V"));
    cr_expect_eq(n, 301);
    cr_expect(dockerfile_full(d));
}

Test(dockerfile, a_comment_of_many_blanks_does_not_take_long)
{
    auto_free char *text = xasprintf("FROM a\nRUN b \\\n#%260000s\n c\n", "");

    auto_free char *got = told(text, false);

    cr_expect_str_eq(got, "a: RUN b c");
}

Test(dockerfile, arguments_before_the_first_stage_name_images)
{
    expect_both({ "ARG V=1\nFROM a:$V\n", "a:1" },
                { "ARG V=1\nARG V=\"2\"\nFROM a:${V}-x\n", "a:2-x" },
                { "ARG V=1\nFROM a\nARG V=2\nFROM b:$V\n", "b:1" },
                { "ARG A='q'\nFROM $A/$A\n", "q/q" });
}

Test(dockerfile, lines_go_on_and_comments_between_them_vanish)
{
    expect_both({ "FROM a\nRUN b \\\n  # c\n\n  d\\\ne\n", "a: RUN b de" },
                { "FROM a\r\nrun b \\\r\n c\r\n", "a: RUN b c" },
                { "FROM a\nRUN  b\t\tc \\ \n d \\", "a: RUN b c d" },
                { "FROM a\nRUN b # c\n", "a: RUN b # c" },
                { "FROM a\nRUN [\"b\", \"c  d\"]\n",
                  "a: RUN [\"b\", \"c d\"]" });
}

Test(dockerfile, a_directive_at_the_top_changes_the_escape)
{
    expect_both({ "# escape=`\nFROM a\nRUN b `\n c\n", "a: RUN b c" },
                { "# syntax=x\n#ESCAPE = `\nFROM a\nRUN b `\n c\n",
                  "a: RUN b c" },
                { "# x\n# escape=`\nFROM a\nRUN b `\n", "a: RUN b `" },
                { "\n# escape=`\nFROM a\nRUN b `\n", "a: RUN b `" },
                { "# escape=x\nFROM a\nRUN b \\\n c\n", "a: RUN b c" });
}

Test(dockerfile, here_documents_belong_to_their_instruction)
{
    expect_both(
        { "FROM a\nRUN <<EOF\nb\n# c\n EOF\nEOF\nRUN d\n",
          "a: RUN <<EOF b # c EOF EOF | RUN d" },
        { "FROM a\nRUN x <<-'E' && y\nb\n\tE\nRUN d\n",
          "a: RUN x <<-'E' && y b E | RUN d" },
        { "FROM a\nRUN <<A <<B\nx\nA\ny\nB\nRUN d\n",
          "a: RUN <<A <<B x A y B | RUN d" },
        { "FROM a\nCOPY <<E /x\nFROM b\nE\n", "a" },
        { "FROM a\nONBUILD ADD <<E /x\nFROM b\nE\n", "a" },
        { "FROM a\nCMD <<E\nFROM b\nE\n", "b" },
        { "FROM a\nRUN <<E\nb\nRUN d\n", "a: RUN <<E b RUN d" },
        { "FROM a\nRUN x<<E\nRUN d\n", "a: RUN x<<E | RUN d" });
}

Test(dockerfile, variables_in_commands_are_replaced)
{
    expect_both(
        { "FROM a\nENV P=x\nRUN b $P ${P}y \"$P\"\n",
          "a: RUN b x xy \"x\"" },
        { "FROM a\nENV P=x\nRUN b \\$P\n", "a: RUN b \\$P" },
        { "FROM a\nENV P x y\nRUN b $P\n", "a: RUN b x y" },
        { "FROM a\nENV P=\"x y\" Q=p\\ q\nRUN b $P $Q\n", "a: RUN b x y p q" },
        { "FROM a\nARG P=y\nENV P=x\nRUN b $P\n", "a: RUN b x" },
        { "ARG P=g\nFROM a\nARG P\nRUN b $P\n", "a: RUN b g" },
        { "ARG P=g\nFROM a\nENV P\nRUN b $P\n", "a: RUN b g" },
        { "FROM a\nENV P=x\nENV P=y\nRUN b $P\nENV P=z\n", "a: RUN b y" },
        { "FROM a\nENV P=$Z\nRUN b $P c\n", "a: RUN b $Z c" });
}

/* Seen with snyk-docker-plugin 9.20.2. */
Test(dockerfile, compat_replaces_by_a_pattern_that_nobody_quotes)
{
    expect_compat(
        { "FROM a\nRUN b $P c\n", "a: RUN b  c" },
        { "FROM a\nENV P=x\nRUN b $P $PQ \\$P\n", "a: RUN b x xQ \\x" },
        { "FROM a\nENV P=x\nRUN b $P $1\n", "a: RUN b P 1" },
        { "FROM a\nRUN b $0 $2 ${2}\n", "a: RUN b $0  ${2}" },
        { "FROM a\nRUN b ${v%.*} c} d\n", "a: RUN b  d" },
        { "FROM a\nRUN b ${v##*/} ${w%x|y}\n", "a: RUN b ${v##*/} |" },
        { "FROM a\nRUN b ${v%[0-9]} $(c) $$\n", "a: RUN b {v%[0-9]} (c) " },
        { "FROM a\nENV P=$$ Q=[$&]\nRUN b $P $Q\n", "a: RUN b $ [$Q]" },
        { "FROM a\nARG P=x Q=y\nRUN b $P.\n", "a: RUN b ." },
        { "FROM a AS s\nENV P=x\nFROM s\nRUN b $P.\n", "a: RUN b ." },
        { "ARG A=x\nARG B=$A\nFROM $B\n", "$A" },
        { "ARG A=x\nFROM ${A:-y}\n", "${A:-y}" },
        { "FROM a AS S\nFROM s\n", "s" }, { "FROM a AS $Z\n", NON_RESOLVABLE },
        { "FROM\n", "FROM" });
}

Test(dockerfile, by_default_variables_are_what_docker_makes_of_them)
{
    expect_right(
        { "FROM a\nRUN for i in x; do b $i; done\n",
          "a: RUN for i in x; do b $i; done" },
        { "FROM a\nENV P=x\nRUN b $P $PQ $1 ${v##*/}\n",
          "a: RUN b x $PQ $1 ${v##*/}" },
        { "FROM a\nENV P=x E=\nRUN b ${P:-y} ${P:+z} ${E:-y} ${E-y} ${U:-y}\n",
          "a: RUN b x z ${E:-y}  ${U:-y}" },
        { "FROM a\nARG P=x Q=y\nRUN b $P$Q\n", "a: RUN b xy" },
        { "FROM a AS s\nENV P=x\nFROM s\nRUN b $P\n", "a: RUN b x" },
        { "ARG A=x\nARG B=$A-1\nFROM $B\n", "x-1" },
        { "FROM ${A:-y}${B-z}${C:+w}\n", "yz" },
        { "FROM a AS S\nFROM s\n", "a" }, { "FROM a AS $Z\n", "a" },
        { "FROM\n", NON_RESOLVABLE });
}

Test(dockerfile, every_piece_of_one_is_one)
{
    static const char whole[] =
        "# escape=`\nARG A=\"x y\"\nFROM --p=$A a:${A:-1} AS b\nENV B=c`\n D='"
        "e\nRUN <<-E && f $B ${D%.*} ${1} `\n# g\n h[$B-\n\tE\nFROM b\nRUN $0";

    for (size_t i = 0; i < sizeof(whole); i++) {
        for (size_t k = i; k < sizeof(whole); k++) {
            struct bytes piece = bytes_of(whole + i, k - i);

            dockerfile_free(dockerfile_new(piece, false));
            dockerfile_free(dockerfile_new(piece, true));
        }
    }
}

/* Texts that double with each variable, and names that ask for much work. */
Test(dockerfile, what_grows_without_end_is_left_as_it_is)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);
    auto_free char *got = NULL;

    buf_add_str(&text, "FROM a\n");
    for (char c = 'B'; c <= 'Z'; c++)
        buf_addf(&text, "ENV %c=\"$%c$%c$%c$%c\"\n", c, c - 1, c - 1, c - 1,
                 c - 1);
    buf_add_str(&text, "RUN $Z ${x.*.*.*.*.*.*.*.*.*.*.*.*y}");
    for (size_t i = 0; i < 5000; i++)
        buf_add_str(&text, "${x");
    got = told(buf_cstr(&text), false);
    cr_expect_lt(strlen(got), (size_t)8 << 20);
    free(got);
    got = told(buf_cstr(&text), true);
    cr_expect_lt(strlen(got), (size_t)8 << 20);
}

#include <criterion/criterion.h>

#include "fixture.h"
#include "worker/analyze/version/semver.h"

static struct bytes
text_at(const struct jx *arr, size_t i)
{
    return jx_bytes_value(jx_at(arr, i));
}

Test(semver, orders_as_the_vectors_say)
{
    auto_jx struct jx *doc = fixture("semver/versions.json");
    const struct jx *pairs = jx_arr(doc, "pairs");

    cr_assert_gt(jx_count(pairs), 20);
    for (size_t i = 0; i < jx_count(pairs); i++) {
        const struct jx *pair = jx_at(pairs, i);
        struct bytes a = text_at(pair, 0), b = text_at(pair, 2);
        char want = (char)*text_at(pair, 1).p;
        int order = semver_cmp(a, b, SEMVER_STRICT);

        cr_expect_eq(order < 0 ? '<' : order > 0 ? '>' : '=', want,
                     "%.*s %.*s", BYTES_FMT(a), BYTES_FMT(b));
        cr_expect_eq(semver_cmp(b, a, SEMVER_STRICT), -order);
    }
}

Test(semver, what_the_vectors_call_invalid_is)
{
    auto_jx struct jx *doc = fixture("semver/versions.json");
    const struct jx *invalid = jx_arr(doc, "invalid");

    cr_assert_gt(jx_count(invalid), 5);
    for (size_t i = 0; i < jx_count(invalid); i++)
        cr_expect(!semver_valid(text_at(invalid, i), SEMVER_STRICT), "%.*s",
                  BYTES_FMT(text_at(invalid, i)));
}

Test(semver, ranges_hold_what_the_vectors_say)
{
    auto_jx struct jx *doc = fixture("semver/ranges.json");
    const struct jx *cases = jx_arr(doc, "cases");

    cr_assert_gt(jx_count(cases), 20);
    for (size_t i = 0; i < jx_count(cases); i++) {
        const struct jx *c = jx_at(cases, i);

        cr_expect_eq(semver_satisfies(text_at(c, 0), text_at(c, 1),
                                      SEMVER_STRICT),
                     jx_bool_value(jx_at(c, 2), false), "%.*s in %.*s",
                     BYTES_FMT(text_at(c, 0)), BYTES_FMT(text_at(c, 1)));
    }
}

/* ---- versions ---------------------------------------------------------- */

static bool
valid(const char *version, enum semver_mode mode)
{
    return semver_valid(bytes_str(version), mode);
}

Test(semver, blanks_around_and_a_v_are_fine)
{
    cr_expect(valid(" v1.2.3-a+b\n", SEMVER_STRICT));
    cr_expect(!valid("=1.2.3", SEMVER_STRICT));
    cr_expect(!valid("v 1.2.3", SEMVER_STRICT));
}

Test(semver, loose_takes_what_people_wrote_before_the_specification)
{
    static const char *const loosely[] = {
        "=1.2.3", "v 1.2.3", "01.2.3", "1.2.3beta", "1.2.3-01", "1.2.3-",
    };

    for (size_t i = 0; i < N_ELEMENTS(loosely); i++) {
        cr_expect(valid(loosely[i], SEMVER_LOOSE), "%s", loosely[i]);
        cr_expect(!valid(loosely[i], SEMVER_STRICT), "%s", loosely[i]);
    }
    cr_expect_eq(semver_cmp(bytes_str("1.2.3beta"), bytes_str("1.2.3-beta"),
                            SEMVER_LOOSE), 0);
}

Test(semver, numbers_beyond_two_to_the_53_are_invalid)
{
    cr_expect(valid("9007199254740991.0.0", SEMVER_STRICT));
    cr_expect(!valid("9007199254740992.0.0", SEMVER_STRICT));
    cr_expect(!valid("99999999999999999999999999.0.0", SEMVER_STRICT));
}

Test(semver, long_texts_are_invalid)
{
    char text[600];

    memset(text, 'a', sizeof(text));
    memcpy(text, "1.2.3-", 6);
    text[200] = '.';
    text[SEMVER_MAX_BYTES] = '\0';
    cr_expect(valid(text, SEMVER_STRICT));
    text[SEMVER_MAX_BYTES] = 'a';
    text[SEMVER_MAX_BYTES + 1] = '\0';
    cr_expect(!valid(text, SEMVER_STRICT));
}

/* ---- ranges ------------------------------------------------------------ */

static bool
in(const char *version, const char *range)
{
    return semver_satisfies(bytes_str(version), bytes_str(range),
                            SEMVER_STRICT);
}

static bool
range_valid(const char *range, enum semver_mode mode)
{
    return semver_range_valid(bytes_str(range), mode);
}

Test(semver, a_caret_keeps_the_first_number_that_is_not_zero)
{
    cr_expect(in("1.9.9", "^1.2.3") && !in("2.0.0", "^1.2.3"));
    cr_expect(in("0.2.9", "^0.2.3") && !in("0.3.0", "^0.2.3"));
    cr_expect(in("0.0.3", "^0.0.3") && !in("0.0.4", "^0.0.3"));
    cr_expect(in("0.0.9", "^0.0") && !in("0.1.0", "^0.0"));
    cr_expect(in("0.9.0", "^0") && !in("1.0.0", "^0.x"));
}

Test(semver, blanks_behind_operators_do_not_count)
{
    cr_expect(in("1.5.0", ">=  1.2.3 <\t2"));
    cr_expect(in("1.2.9", "~ 1.2") && in("1.2.9", "~> 1.2"));
    cr_expect(in("1.3.0", "^ 1"));
}

Test(semver, a_number_behind_an_x_is_no_range)
{
    cr_expect(range_valid("1.x.x", SEMVER_STRICT));
    cr_expect(!range_valid("1.x.2", SEMVER_STRICT));
    cr_expect(!range_valid("x.1", SEMVER_STRICT));
}

Test(semver, hyphens_take_both_ends)
{
    cr_expect(in("1.2.0", "1.2 - 2.3.4") && in("2.3.4", "1.2 - 2.3.4"));
    cr_expect(!in("2.3.5", "1.2 - 2.3.4"));
    cr_expect(in("2.3.9", "1.2 - 2.3") && !in("2.4.0", "1.2 - 2.3"));
}

Test(semver, what_is_no_range_is_none)
{
    static const char *const none[] = {
        "latest", "npm:a@1", "workspace:*", "github:a/b", "file:../x",
        "1.2.3 foo", ">", ">=<1", "1.2.3.4", "01.2.3",
        "9007199254740992.x",
    };

    for (size_t i = 0; i < N_ELEMENTS(none); i++)
        cr_expect(!range_valid(none[i], SEMVER_STRICT), "%s", none[i]);
    cr_expect(range_valid("", SEMVER_STRICT));
    cr_expect(range_valid("||", SEMVER_STRICT));
}

Test(semver, loose_ranges_do_without_what_they_do_not_understand)
{
    cr_expect(range_valid("foo 1.2.3", SEMVER_LOOSE));
    cr_expect(!range_valid("foo", SEMVER_LOOSE));
    cr_expect(!range_valid("99999999999999999999.1.1", SEMVER_LOOSE));
}

Test(semver, pre_releases_are_for_those_who_name_one_of_the_same_version)
{
    cr_expect(in("1.2.3-b", ">=1.2.3-a") && in("1.2.4", ">=1.2.3-a"));
    cr_expect(!in("1.2.4-b", ">=1.2.3-a"));
    cr_expect(!in("1.0.0-a", "*"));
    /* One set says "anything", so the other no longer counts. */
    cr_expect(!in("1.2.3-a", "* || 1.2.3-a"));
}

Test(semver, nothing_satisfies_below_everything)
{
    cr_expect(range_valid("<0.0.0-0", SEMVER_STRICT));
    cr_expect(range_valid("<*", SEMVER_STRICT));
    cr_expect(!in("0.0.0", "<*") && !in("0.0.0", ">x"));
    cr_expect(in("1.0.0", "<* || 1"));
}

Test(semver, any_cut_of_a_range_ends)
{
    const struct bytes range = bytes_str(
        " >=1.2.3-a.1+b <2.x || ~> 1.2 ^ 0.0.3 || 1 - 2.*  || >=* v1.0.0");

    for (size_t n = 0; n <= range.n; n++) {
        semver_satisfies(bytes_str("1.2.3"), bytes_to(range, n),
                         SEMVER_LOOSE);
        semver_subset(bytes_to(range, n), bytes_from(range, n));
    }
    cr_expect(semver_satisfies(bytes_str("1.0.0"), range, SEMVER_STRICT));
}

/* ---- subsets and coercion ---------------------------------------------- */

static bool
subset(const char *sub, const char *dom)
{
    return semver_subset(bytes_str(sub), bytes_str(dom));
}

Test(semver, a_subset_is_within)
{
    cr_expect(subset("1.2.3", "^1.0.0") && !subset("^1.0.0", "1.2.3"));
    cr_expect(subset("~1.2.3", "1.x") && !subset("1.x", "~1.2.3"));
    cr_expect(subset("^1", "*") && subset("*", ">=0.0.0"));
    cr_expect(subset("1 || 2", "<3") && !subset("1 || 3", "<3"));
    cr_expect(subset(">1.0.0 <1.0.1", "<2"));
    cr_expect(!subset(">1", "<2"));
    cr_expect(subset(">=1.2.3 <=1.2.3", "1.2.3"));
}

Test(semver, an_impossible_set_is_within_everything)
{
    cr_expect(subset(">2 <1", "5"));
    cr_expect(subset(">2 <1 || 1.0.0", "1"));
    cr_expect(subset("1.0.0 2.0.0", "5"));
}

Test(semver, pre_releases_are_within_if_the_other_names_one)
{
    cr_expect(!subset(">=1.2.3-a", ">=1.0.0"));
    cr_expect(subset(">=1.2.3-b", ">=1.2.3-a"));
    cr_expect(subset("<2.0.0-0", "<2.0.0"));
}

Test(semver, equal_texts_are_within_whatever_they_are)
{
    cr_expect(subset("github:a/b", "github:a/b"));
    cr_expect(!subset("github:a/b", "*"));
}

static void
expect_coerced(const char *text, const char *want)
{
    auto_buf struct buf out = BUF_INIT(100);
    bool ok = semver_coerce(bytes_str(text), &out);

    cr_expect_eq(ok, want != NULL, "%s", text);
    if (want != NULL)
        cr_expect_str_eq(buf_cstr(&out), want);
}

Test(semver, coerce_takes_the_first_numbers)
{
    expect_coerced("v2.3-x", "2.3.0");
    expect_coerced("a1b2.3", "1.0.0");
    expect_coerced("1.2.3.4", "1.2.3");
    expect_coerced("1.2.3-beta", "1.2.3");
    expect_coerced("12345678901234567 7", "7.0.0");
    expect_coerced("1.12345678901234567.2", "1.0.0");
    expect_coerced("x", NULL);
    expect_coerced("01.2", NULL);
}

/* ---- what questions cost ------------------------------------------------ */

Test(semver, a_question_costs_steps_by_the_length_of_ranges)
{
    static const char blanks[SEMVER_RANGE_MAX_BYTES + 1];
    const struct bytes longest = bytes_of(blanks, SEMVER_RANGE_MAX_BYTES);
    const size_t most = 1 + SEMVER_RANGE_MAX_BYTES / SEMVER_STEP_BYTES;

    cr_expect_eq(semver_range_steps(bytes_str("^1.0.0")), 1);
    cr_expect_eq(semver_range_steps(longest), most);
    cr_expect_eq(semver_subset_steps(longest, longest), most * most);
    cr_expect_eq(semver_range_steps(bytes_of(blanks, sizeof(blanks))), 1,
                 "too long to be read");
}

/* A run of `n` times `what`, then `rest`. */
static bool
run_holds(const char *what, size_t n, const char *rest, enum semver_mode mode)
{
    auto_buf struct buf range = BUF_INIT(SEMVER_RANGE_MAX_BYTES);

    for (size_t i = 0; i < n; i++)
        buf_add_str(&range, what);
    buf_add_str(&range, rest);
    cr_assert(!range.full);
    return semver_satisfies(bytes_str("1.2.3"), buf_bytes(&range), mode);
}

/* As node's semver 7 answers, for every length. */
Test(semver, long_runs_mean_what_short_ones_do)
{
    static const struct {
        const char *what, *rest;
        bool strict, loose;
    } runs[] = {
        { "=v", "1.2.3", false, true }, { "=", "", false, false },
        { "=", " ||1.2.3", false, true }, { "= ", "1.2", false, true },
        { "v", "1.2", true, true },       { "= ", "<2.0.0", false, true },
        { "0", "1.2.3", false, true },    { "1.2.3 ", "<2.0.0", true, true },
        { ">=0.0.0 ", "*", true, true },
    };
    static const size_t lengths[] = { 2, 3, 4, 100 };

    for (size_t i = 0; i < N_ELEMENTS(runs) * N_ELEMENTS(lengths); i++) {
        size_t k = i / N_ELEMENTS(lengths);
        size_t n = lengths[i % N_ELEMENTS(lengths)];

        cr_expect_eq(run_holds(runs[k].what, n, runs[k].rest, SEMVER_STRICT),
                     runs[k].strict, "%zu times %s", n, runs[k].what);
        cr_expect_eq(run_holds(runs[k].what, n, runs[k].rest, SEMVER_LOOSE),
                     runs[k].loose, "%zu times %s", n, runs[k].what);
    }
}

Test(semver, a_comparator_said_twice_counts_once)
{
    cr_expect(!subset("1.0.0 1.0.0", "5"));
    cr_expect(subset("1.0.0 <2 1.0.0", "1"));
}

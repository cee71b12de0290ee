/*
 * Java archives: every pom.properties with its coordinates, the archive's
 * SHA-1, and the archives inside, down to the worker's ceiling. Which of the
 * coordinates are the archive's own, and how deep somebody wants to look, is
 * decided when reporting: the record has it all, in the order of the central
 * directory, an archive before those inside it.
 */
#include "worker/analyze/analyzer.h"

#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/str.h"
#include "worker/analyze/manifestmf.h"
#include "worker/analyze/pomprops.h"
#include "worker/archive/zip.h"

/* Ceilings of one archive with all that is in it. */
#define MAX_WANTED       32768        /* entries read, of one directory */
#define MAX_NAMES_BYTES  (2u << 20)   /* their names */
#define MAX_POM_BYTES    (1u << 20)
#define MAX_ARCHIVES     32768        /* in the list */
#define MAX_RECORD_BYTES (4u << 20)
#define FREE_PLAIN_BYTES (64ull << 20)
#define MAX_PLAIN_RATIO  100          /* beyond that, for each packed byte */
#define MAX_WARNINGS     8
#define MAX_DEPTH        32

/* The outermost archive at work, with what is in it. */
struct jar_scan {
    struct an_out *out;      /* borrows */
    struct hasher *hasher;   /* owns */
    struct buf json;         /* owns: the list of archives */
    struct jw jw;
    uint64_t left_bytes;     /* that may still be inflated */
    size_t n_archives;       /* in the list */
    size_t n_warnings;
    bool too_many;           /* archives: told of */
};

enum jar_part { PART_NONE, PART_POM, PART_MANIFEST, PART_ARCHIVE };

/* An entry that will be read, remembered from the walk. */
struct wanted {
    struct zip_entry entry;  /* its name: owned by `names` of the archive */
    size_t name_at;
    enum jar_part part;
};

/* One archive: of the layer, or inside of another. */
struct jar {
    struct ar_body *body;    /* borrows */
    struct zip *zip;         /* owns; NULL: no archive at all */
    struct wanted *wanted;   /* owns */
    size_t n_wanted;
    struct buf names;        /* owns */
    struct err bad;          /* where the directory ended */
    const struct zip_entry *culprit; /* borrows: first pom with a fault */
    struct zip_verdict verdict;      /* on that one */
    bool intact;                     /* it is, all the same */
    size_t place;            /* in the list */
    uint64_t depth;          /* 0: the outermost */
};

static void
jar_clear(struct jar *j)
{
    zip_free(j->zip);
    free(j->wanted);
    buf_clear(&j->names);
}

static bool
ends_with_any(struct bytes name, const char *const *endings)
{
    for (; *endings != NULL; endings++) {
        size_t n = strlen(*endings);

        if (name.n >= n && strncasecmp((const char *)name.p + name.n - n,
                                       *endings, n) == 0)
            return true;
    }
    return false;
}

/* ---- the walk ---------------------------------------------------------- */

static const char *const archive_endings[] = {
    ".jar", ".war", ".ear", ".rar", ".par", ".sar", ".kar", ".nar",
    ".hpi", ".jpi", ".aar", ".lpkg", NULL,
};

static int
want(struct jar *j, const struct zip_entry *e, enum jar_part part)
{
    size_t name_at = j->names.n;

    if (j->n_wanted >= MAX_WANTED)
        return err_set(&j->bad, ERR_LIMIT, "more than %d files of interest",
                       MAX_WANTED);
    if (buf_add_bytes(&j->names, e->name) < 0)
        return buf_check(&j->names, "names", &j->bad);
    if ((j->n_wanted & (j->n_wanted - 1)) == 0)
        j->wanted = xrealloc(j->wanted, (j->n_wanted > 0 ? j->n_wanted * 2
                                                         : 1) *
                                            sizeof(*j->wanted));
    j->wanted[j->n_wanted++] = (struct wanted){ *e, name_at, part };
    return 0;
}

static enum jar_part
part_of(struct bytes name)
{
    if (bytes_ends(name, "pom.properties"))
        return PART_POM;
    if (ends_with_any(name, archive_endings))
        return PART_ARCHIVE;
    return bytes_is(name, "META-INF/MANIFEST.MF") ? PART_MANIFEST : PART_NONE;
}

/* What is of interest, until the directory ends or is damaged (j->bad). */
static void
walk(struct jar *j)
{
    struct zip_entry e;

    while (zip_next(j->zip, &e, &j->bad) > 0) {
        enum jar_part part = part_of(e.name);

        if (part != PART_NONE && want(j, &e, part) < 0)
            break;
    }
    for (size_t i = 0; i < j->n_wanted; i++)
        j->wanted[i].entry.name.p = j->names.p + j->wanted[i].name_at;
}

/* ---- what was wrong ---------------------------------------------------- */

static int
warn(struct jar_scan *s, struct bytes name, const struct err *why,
     struct err *err)
{
    if (s->n_warnings++ >= MAX_WARNINGS)
        return 0;
    return an_warn(s->out, err, "jar: %.*s: %s",
                   (int)(name.n > 200 ? 200 : name.n), (const char *)name.p,
                   why->text);
}

static void
write_fault(struct jw *jw, const struct zip_entry *e,
            const struct zip_verdict *v, bool intact)
{
    jw_obj(jw);
    jw_key_int(jw, "i", (int64_t)e->index);
    jw_key(jw, "n");
    jw_bytes(jw, e->name);
    jw_key_str(jw, "f", zip_fault_name(v->fault));
    jw_key_opt(jw, "why", v->why);
    jw_key_int(jw, "size", (int64_t)e->size);
    if (e->method == 0)
        jw_key_bool(jw, "stored", true);
    if (intact)
        jw_key_bool(jw, "mild", true);
    jw_end(jw);
}

/* ---- pom.properties ---------------------------------------------------- */

static int
gather(struct bytes chunk, void *arg, struct err *err)
{
    struct buf *b = arg;

    return buf_add_bytes(b, chunk) < 0 ? buf_check(b, "pom.properties", err)
                                       : 0;
}

/* One text, since there may be very many: a line for each of the three, and
 * one more for what is unusual: "a"way from home, "l"ate. */
static void
write_pom(struct jw *jw, const struct zip_entry *e, struct bytes text)
{
    auto_buf struct buf lines = BUF_INIT(SIZE_MAX / 4);
    struct pomprops p;
    bool at_home;

    if (!pomprops_read(&p, text))
        return;
    at_home = pomprops_is_home(&p, e->name);
    buf_add_bytes(&lines, p.group);
    buf_add_char(&lines, '\n');
    buf_add_bytes(&lines, p.artifact);
    buf_add_char(&lines, '\n');
    buf_add_bytes(&lines, p.version);
    if (!at_home || !e->counted)
        buf_addf(&lines, "\n%s%s", at_home ? "" : "a", e->counted ? "" : "l");
    jw_bytes(jw, buf_bytes(&lines));
}

/* The first one ends the peer's scan; nobody asks for others. */
static void
remember_fault(struct jar *j, const struct zip_entry *e,
               const struct zip_verdict *v, bool intact)
{
    if (j->culprit != NULL || !e->counted || v->fault == ZIP_FINE)
        return;
    j->culprit = e;
    j->verdict = *v;
    j->intact = intact;
}

static int
read_pom(struct jar_scan *s, struct jar *j, const struct zip_entry *e,
         struct err *err)
{
    auto_buf struct buf raw = BUF_INIT(MAX_POM_BYTES);
    auto_buf struct buf text = BUF_INIT(3 * MAX_POM_BYTES);
    struct zip_verdict v;
    struct err why;
    uint64_t limit = s->left_bytes < MAX_POM_BYTES ? s->left_bytes
                                                   : MAX_POM_BYTES;
    int rc;

    s->left_bytes -= e->size < limit ? e->size : limit;
    rc = zip_read(j->zip, e, limit, gather, &raw, &v, &why);
    remember_fault(j, e, &v, rc == 0);
    if (rc < 0)
        return warn(s, e->name, &why, err);
    utf8_add_lossy(&text, buf_bytes(&raw));
    write_pom(&s->jw, e, buf_bytes(&text));
    return 0;
}

static int
write_poms(struct jar_scan *s, struct jar *j, struct err *err)
{
    jw_key(&s->jw, "poms");
    jw_arr(&s->jw);
    for (size_t i = 0; i < j->n_wanted; i++) {
        if (j->wanted[i].part == PART_POM &&
            read_pom(s, j, &j->wanted[i].entry, err) < 0)
            return -1;
    }
    jw_end(&s->jw);
    if (j->culprit != NULL) {
        jw_key(&s->jw, "fault");
        write_fault(&s->jw, j->culprit, &j->verdict, j->intact);
    }
    return 0;
}

/* ---- the manifest ------------------------------------------------------ */

static int
feed_manifest(struct bytes chunk, void *arg, struct err *err)
{
    (void)err;
    return manifestmf_feed(arg, chunk);
}

/* The first one; if it cannot be read, nothing that anybody asked for is
 * missing. */
static void
write_manifest(struct jar_scan *s, struct jar *j)
{
    auto_buf struct buf text = BUF_INIT(MANIFESTMF_MAX_BYTES);
    struct zip_verdict v;
    uint64_t cost;
    size_t i = 0;

    while (i < j->n_wanted && j->wanted[i].part != PART_MANIFEST)
        i++;
    if (i == j->n_wanted)
        return;
    cost = j->wanted[i].entry.size;
    cost = cost < MANIFESTMF_MAX_BYTES ? cost : MANIFESTMF_MAX_BYTES;
    if (cost > s->left_bytes)
        return;
    s->left_bytes -= cost;
    if (zip_read(j->zip, &j->wanted[i].entry, UINT64_MAX, feed_manifest, &text,
                 &v, NULL) < 0)
        return;
    jw_key(&s->jw, "manifest");
    manifestmf_write(&text, &s->jw);
}

/* ---- archives ---------------------------------------------------------- */

/* Opens the object of an archive in the list. parent NULL: the outermost. */
static void
begin_archive(struct jar_scan *s, const struct jar *parent,
              const struct zip_entry *e)
{
    jw_obj(&s->jw);
    s->n_archives++;
    if (parent == NULL)
        return;
    jw_key(&s->jw, "n");
    jw_bytes(&s->jw, e->name);
    jw_key_int(&s->jw, "up", (int64_t)parent->place);
    if (!e->counted)
        jw_key_bool(&s->jw, "late", true);
}

static int
hash_body(struct jar_scan *s, struct ar_body *body, char hex[SHA256_HEX + 1],
          struct err *err)
{
    const size_t piece = 64u << 10;
    uint64_t n = ar_body_size(body);
    struct bytes chunk;

    for (uint64_t at = 0; at < n; at += chunk.n) {
        if (ar_body_at(body, at, n - at < piece ? (size_t)(n - at) : piece,
                       &chunk, err) < 0)
            return -1;
        hasher_update(s->hasher, chunk);
    }
    hasher_finish(s->hasher, hex);
    return 0;
}

/* What stands in the archive's own object; closes it. */
static int
write_archive(struct jar_scan *s, struct jar *j, struct bytes name,
              struct err *err)
{
    char sha1[SHA256_HEX + 1];

    if (hash_body(s, j->body, sha1, err) < 0)
        return -1;
    jw_key_str(&s->jw, "sha1", sha1);
    if (j->zip != NULL) {
        walk(j);
        if (!zip_is_plain(j->zip) || j->bad.kind == ERR_INPUT)
            jw_key_bool(&s->jw, "blind", true);
        if (write_poms(s, j, err) < 0)
            return -1;
        write_manifest(s, j);
    }
    jw_end(&s->jw);
    return j->bad.kind != ERR_NONE ? warn(s, name, &j->bad, err) : 0;
}

/* An archive that could not be read, or was not opened. */
static void
close_unread(struct jar_scan *s, const struct zip_entry *e,
             const struct zip_verdict *v)
{
    if (v != NULL) {
        jw_key(&s->jw, "bad");
        write_fault(&s->jw, e, v, false);
    } else {
        jw_key_bool(&s->jw, "closed", true);
    }
    jw_end(&s->jw);
}

static int
put_in_body(struct bytes chunk, void *arg, struct err *err)
{
    return ar_body_add(arg, chunk, err);
}

static int inspect_archive(struct jar_scan *s, struct jar *j,
                           struct bytes name, struct err *err);

/* Reads an archive that is an entry of `parent`, and what is in it. */
static int
inspect_nested(struct jar_scan *s, const struct jar *parent,
               const struct zip_entry *e, struct err *err)
{
    auto_ar_body struct ar_body *body = ar_body_new(an_scratch(s->out));
    struct jar j = { .body = body, .depth = parent->depth + 1 };
    uint64_t limit = s->left_bytes;
    struct zip_verdict v;
    struct err why;

    begin_archive(s, parent, e);
    if (j.depth > an_nesting(s->out) || j.depth > MAX_DEPTH) {
        close_unread(s, e, NULL);
        return 0;
    }
    /* Counted whether it can be read or not: trying costs the same. */
    s->left_bytes -= e->size < limit ? e->size : limit;
    if (zip_read(parent->zip, e, limit, put_in_body, body, &v, &why) < 0) {
        close_unread(s, e, &v);
        return warn(s, e->name, &why, err);
    }
    if (v.fault != ZIP_FINE) {
        jw_key(&s->jw, "bad");
        write_fault(&s->jw, e, &v, true);
    }
    return inspect_archive(s, &j, e->name, err);
}

static int
warn_once_of_many(struct jar_scan *s, struct err *err)
{
    if (s->too_many)
        return 0;
    s->too_many = true;
    return an_warn(s->out, err, "jar: more than %d archives in it",
                   MAX_ARCHIVES);
}

static int
inspect_all_nested(struct jar_scan *s, const struct jar *j, struct err *err)
{
    for (size_t i = 0; i < j->n_wanted && !s->json.full; i++) {
        if (j->wanted[i].part != PART_ARCHIVE)
            continue;
        if (s->n_archives >= MAX_ARCHIVES)
            return warn_once_of_many(s, err);
        if (inspect_nested(s, j, &j->wanted[i].entry, err) < 0)
            return -1;
    }
    return 0;
}

/* One archive whose object has been begun. */
static int
inspect_archive(struct jar_scan *s, struct jar *j, struct bytes name,
                struct err *err)
{
    struct err why;
    int rc = 0;

    j->place = s->n_archives - 1;
    buf_init(&j->names, MAX_NAMES_BYTES);
    err_clear(&j->bad);
    j->zip = zip_new(j->body, &why);
    if (j->zip == NULL && ar_body_size(j->body) > 0)
        rc = warn(s, name, &why, err);
    if (rc == 0)
        rc = write_archive(s, j, name, err);
    if (rc == 0)
        rc = inspect_all_nested(s, j, err);
    jar_clear(j);
    return rc;
}

/* ---- the record line --------------------------------------------------- */

static void
write_list(struct jw *jw, void *arg)
{
    struct jar_scan *s = arg;

    jw_obj(jw);
    jw_key(jw, "archives");
    jw_raw(jw, buf_bytes(&s->json));
    jw_end(jw);
}

static void
begin_list(struct jar_scan *s)
{
    buf_clear(&s->json);
    s->n_archives = 0;
    jw_init(&s->jw, &s->json);
    jw_arr(&s->jw);
}

/* Of an archive with too much in it, the checksum remains. */
static int
keep_checksum_only(struct jar_scan *s, struct ar_body *body, struct err *err)
{
    char sha1[SHA256_HEX + 1];

    if (an_warn(s->out, err,
                "jar: what is in it takes more than %u bytes to tell",
                MAX_RECORD_BYTES) < 0 ||
        hash_body(s, body, sha1, err) < 0)
        return -1;
    begin_list(s);
    jw_obj(&s->jw);
    jw_key_str(&s->jw, "sha1", sha1);
    jw_end(&s->jw);
    return 0;
}

static int
read_all(struct jar_scan *s, struct ar_body *body, struct err *err)
{
    uint64_t n = ar_body_size(body);
    struct jar j = { .body = body };

    s->left_bytes = FREE_PLAIN_BYTES;
    s->left_bytes += n < UINT64_MAX / MAX_PLAIN_RATIO / 2
                         ? n * MAX_PLAIN_RATIO
                         : UINT64_MAX / 2;
    begin_list(s);
    begin_archive(s, NULL, NULL);
    if (inspect_archive(s, &j, bytes_str("directory"), err) < 0 ||
        (s->json.full && keep_checksum_only(s, body, err) < 0))
        return -1;
    jw_end(&s->jw);
    return an_item(s->out, "jar", write_list, s, err);
}

static int
jar_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    auto_hasher struct hasher *hasher = hasher_new(HASH_SHA1);
    struct jar_scan s = { .out = out, .hasher = hasher,
                          .json = BUF_INIT(MAX_RECORD_BYTES) };
    int rc = read_all(&s, body, err);

    buf_clear(&s.json);
    return rc;
}

/* A name alone is little evidence: ".rar" and ".par" are also others'. */
static bool
is_zip(struct bytes head)
{
    return bytes_starts(head, "PK\3\4");
}

const struct analyzer analyzer_jar = {
    .name = "jar",
    .wants = (const char *const[]){ "*.jar", "*.war", NULL },
    .takes_empty = true,
    .inspect = jar_inspect,
};

/* Other archives that jars come in, and other spellings. */
const struct analyzer analyzer_jarlike = {
    .name = "jar",
    .wants = (const char *const[]){ "*.ear", "*.rar", "*.par", "*.sar",
                                    "*.kar", "*.nar", "*.hpi", "*.jpi",
                                    "*.aar", "*.lpkg", "*.JAR", "*.WAR",
                                    NULL },
    .sniff = is_zip,
    .inspect = jar_inspect,
};

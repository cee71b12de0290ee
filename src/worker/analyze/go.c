/*
 * Go programs. Any file may be one: its first bytes tell that it is a program,
 * its build information that it is Go's. Only modules and packages stay.
 */
#include "worker/analyze/analyzer.h"

#include <string.h>

#include "base/str.h"
#include "worker/analyze/go-buildinfo.h"
#include "worker/analyze/go-match.h"
#include "worker/analyze/go-modules.h"
#include "worker/analyze/go-pclntab.h"
#include "worker/image/path.h"

#define KIND "gobinary"
#define PACKED "UPX!"
#define PACKED_WITHIN_BYTES 1024

/* A program, before it is written down. */
struct program {
    struct bytes version;             /* of Go; borrows */
    const struct go_modules *modules; /* borrows */
    bool peer_sees;
    bool peer_has_table;
    struct go_packages *packages, *peer_packages; /* own; NULL: none */
};

static bool
go_sniff(struct bytes head)
{
    return bytes_is(head, ELF_MAGIC);
}

/* ---- the record ---------------------------------------------------------- */

static void
write_packages(struct jw *jw, const char *key, const struct go_packages *p)
{
    jw_key(jw, key);
    jw_arr(jw);
    for (size_t i = 0; i < p->n; i++)
        jw_bytes(jw, p->list[i]);
    jw_end(jw);
}

static bool
same_packages(const struct go_packages *a, const struct go_packages *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        if (!bytes_equal(a->list[i], b->list[i]))
            return false;
    }
    return true;
}

/* What the peer finds is only said where it differs. */
static void
write_found(struct jw *jw, const struct program *p, size_t i)
{
    static const struct go_packages none;
    const struct go_packages *right = p->packages ? &p->packages[i] : &none;
    const struct go_packages *peer =
        p->peer_packages ? &p->peer_packages[i] : &none;

    if (right->n > 0)
        write_packages(jw, "pk", right);
    if (p->peer_has_table && !same_packages(right, peer))
        write_packages(jw, "peerPk", peer);
}

static void
write_module(struct jw *jw, const struct program *p, size_t i)
{
    const struct go_module *m = &p->modules->list[i];

    jw_obj(jw);
    jw_key_opt_bytes(jw, "n", m->name);
    jw_key_opt_bytes(jw, "v", m->version);
    jw_key_opt_bytes(jw, "rn", m->new_name);
    jw_key_opt_bytes(jw, "rv", m->new_version);
    if (!m->peer_sees)
        jw_key_bool(jw, "peer", false);
    write_found(jw, p, i);
    jw_end(jw);
}

static void
write_main(struct jw *jw, const struct go_modules *m)
{
    jw_key_opt_bytes(jw, "path", m->path);
    if (m->has_main) {
        jw_key(jw, "main");
        jw_obj(jw);
        jw_key(jw, "n");
        jw_bytes(jw, m->main_name);
        jw_key_opt_bytes(jw, "v", m->main_version);
        jw_end(jw);
    }
    jw_key_opt_bytes(jw, "linked", m->linked);
    jw_key_opt_bytes(jw, "revision", m->revision);
    jw_key_opt_bytes(jw, "time", m->time);
}

static void
write_program(struct jw *jw, void *arg)
{
    const struct program *p = arg;

    jw_obj(jw);
    if (!p->peer_sees)
        jw_key_bool(jw, "peer", false);
    jw_key_opt_bytes(jw, "go", p->version);
    write_main(jw, p->modules);
    if (p->peer_has_table)
        jw_key_bool(jw, "table", true);
    jw_key(jw, "mods");
    jw_arr(jw);
    for (size_t i = 0; i < p->modules->n; i++)
        write_module(jw, p, i);
    jw_end(jw);
    jw_end(jw);
}

/* ---- reading ------------------------------------------------------------- */

/* 1 found, 0 not. The peer knows it by one of its names only. */
static int
find_table(const struct elf *elf, struct elf_section *table,
           struct program *p, struct err *err)
{
    int r = elf_find_section(elf, ".gopclntab", table, err);

    p->peer_has_table = r > 0;
    if (r == 0)
        r = elf_find_section(elf, ".data.rel.ro.gopclntab", table, err);
    return r;
}

static int
match(const struct elf *elf, const struct elf_section *table,
      struct program *p, struct go_files *files, struct err *err)
{
    if (go_pclntab_read(elf->body, table->offset, table->n, files, err) < 0 ||
        go_match(p->modules, files, &p->packages, err) < 0)
        return -1;
    return p->peer_has_table
               ? go_match_as_peer(p->modules, files, &p->peer_packages, err)
               : 0;
}

static int
read_program(const struct elf *elf, const struct go_buildinfo *info,
             struct an_out *out, struct err *err)
{
    auto_go_modules struct go_modules modules = { .n = 0 };
    auto_go_files struct go_files files = { .n = 0 };
    struct program p = { .version = buf_bytes(&info->version),
                         .modules = &modules };
    struct elf_section table;
    int r;

    if (go_modules_parse(&modules, buf_bytes(&info->modules), err) < 0)
        return -1;
    p.peer_sees = info->peer_sees && modules.peer_sees;
    r = find_table(elf, &table, &p, err);
    if (r > 0)
        r = match(elf, &table, &p, &files, err);
    /* Modules are known without their packages. */
    if (r < 0)
        r = an_warn(out, err, "go: %s", err->text);
    if (r == 0)
        r = an_item(out, KIND, write_program, &p, err);
    go_packages_free(p.packages, modules.n);
    go_packages_free(p.peer_packages, modules.n);
    return r;
}

/* A packed program is opened by nobody but itself. */
static int
warn_if_packed(const struct elf *elf, struct an_out *out, struct err *err)
{
    uint64_t size = ar_body_size(elf->body);
    struct bytes head;

    if (ar_body_at(elf->body, 0,
                   size < PACKED_WITHIN_BYTES ? size : PACKED_WITHIN_BYTES,
                   &head, err) < 0)
        return -1;
    return bytes_find_str(head, PACKED) < head.n
               ? an_warn(out, err, "go: packed with UPX: not looked into")
               : 0;
}

static int
go_inspect(struct ar_body *body, struct an_out *out, struct err *err)
{
    auto_go_buildinfo struct go_buildinfo info = { .peer_sees = false };
    struct elf elf;
    bool has_sections;
    int r;

    /* What is no program, or half of one, is not our concern. */
    if (elf_open(&elf, body, err) < 0)
        return 0;
    has_sections = elf_open_sections(&elf, NULL) == 0;
    r = go_buildinfo_read(&elf, has_sections, &info, err);
    if (r > 0)
        return read_program(&elf, &info, out, err);
    return r == 0 && !has_sections ? warn_if_packed(&elf, out, err) : r;
}

const struct analyzer analyzer_go = {
    .name = KIND,
    .wants = (const char *const[]){ "*", NULL },
    .by_content = true,
    .sniff = go_sniff,
    .inspect = go_inspect,
};

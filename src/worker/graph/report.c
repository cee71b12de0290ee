/* The frame of a result: what every one begins and ends with. */
#include "worker/graph/report.h"

#include <stdarg.h>

#include "base/log.h"
#include "base/str.h"
#include "worker/graph/facts-private.h"
#include "worker/graph/factversion.h"

/* ---- facts ------------------------------------------------------------- */

void
report_fact(struct jw *jw, const char *type)
{
    jw_obj(jw);
    jw_key_str(jw, "type", type);
    jw_key(jw, "data");
}

void
report_fact_end(struct jw *jw)
{
    jw_end(jw);
}

void
fact_text(struct jw *jw, const char *type, const char *text)
{
    if (str_is_empty(text))
        return;
    report_fact(jw, type);
    jw_str(jw, text);
    report_fact_end(jw);
}

void
fact_json(struct jw *jw, const char *type, const struct jx *data)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    if (data == NULL)
        return;
    jx_write(data, &text);
    report_fact(jw, type);
    jw_raw(jw, buf_bytes(&text));
    report_fact_end(jw);
}

void
facts_names(const struct facts *f, struct jw *jw)
{
    const struct image_options *o = f->image.options;

    if (f->names.n > 0) {
        report_fact(jw, "imageNames");
        jw_obj(jw);
        jw_key(jw, "names");
        jw_arr(jw);
        for (size_t i = 0; i < f->names.n; i++)
            jw_str(jw, f->names.at[i]);
        jw_end(jw);
        jw_end(jw);
        report_fact_end(jw);
    }
    if (f->distribution) {
        report_fact(jw, "ociDistributionMetadata");
        names_write_distribution(jw, o->image_name_and_tag, o->manifest_digest,
                                 o->index_digest);
        report_fact_end(jw);
    }
}

/* ---- results ----------------------------------------------------------- */

struct jw *
report_open(struct report *out)
{
    buf_reset(&out->line);
    jw_init(&out->jw, &out->line);
    jw_obj(&out->jw);
    return &out->jw;
}

void
report_identity(struct jw *jw, const char *type, const char *target_file,
               const char *platform)
{
    jw_key(jw, "identity");
    jw_obj(jw);
    jw_key_str(jw, "type", type);
    jw_key_opt(jw, "targetFile", target_file);
    if (platform != NULL) {
        jw_key(jw, "args");
        jw_obj(jw);
        jw_key_str(jw, "platform", platform);
        jw_end(jw);
    }
    jw_end(jw);
}

void
report_target(const struct facts *f, struct jw *jw)
{
    jw_key(jw, "target");
    jw_obj(jw);
    jw_key_str(jw, "image", ostree_root(f->tree)->name);
    jw_end(jw);
    jw_key_opt(jw, "targetReference", f->image.options->target_reference);
}

int
report_close(struct report *out, struct err *err)
{
    jw_end(&out->jw);
    buf_add_char(&out->line, '\n');
    if (buf_check(&out->line, "scan result", err) < 0)
        return -1;
    return out->sink(buf_bytes(&out->line), out->arg, err);
}

struct jw *
report_begin(struct report *out, const char *type, const char *target_file)
{
    struct jw *jw = report_open(out);

    report_identity(jw, type, target_file, NULL);
    jw_key(jw, "facts");
    jw_arr(jw);
    return jw;
}

int
report_end(struct report *out, struct err *err)
{
    struct jw *jw = &out->jw;

    fact_text(jw, "imageId", out->f->image.image_id);
    facts_names(out->f, jw);
    fact_text(jw, "pluginVersion", FACT_VERSION);
    jw_end(jw);
    report_target(out->f, jw);
    return report_close(out, err);
}

/* ---- warnings ---------------------------------------------------------- */

size_t
facts_count_warnings(const struct facts *f)
{
    return jx_count(f->image.warnings) + jx_count(f->app_warnings);
}

void
facts_warn(struct facts *f, struct bytes text)
{
    auto_free char *said = bytes_dup(text);

    if (facts_count_warnings(f) >= FACTS_MAX_WARNINGS) {
        f->n_untold++;
        return;
    }
    log_warn("application not understood", LOG_STR("text", said));
    jx_append(f->app_warnings, jx_new_str(text));
}

void
report_warn(struct report *out, const char *fmt, ...)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    va_list ap;

    va_start(ap, fmt);
    buf_addv(&text, fmt, ap);
    va_end(ap);
    facts_warn(out->f, buf_bytes(&text));
}

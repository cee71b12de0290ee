/* Small files: reading them whole, and the lines of crab.conf. */
#include "base/conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/str.h"

int
conf_read_file(struct buf *out, const char *path, struct err *err)
{
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t chunk[4096];
    ssize_t n;

    if (fd < 0)
        return err_set_errno(err, errno, "%s", path);
    while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "%s", path);
        if (buf_add(out, chunk, (size_t)n) < 0)
            return buf_check(out, path, err);
    }
    return 0;
}

static bool
name_valid(struct bytes name)
{
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '_';

        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.n > 0;
}

static struct bytes
without_quotes(struct bytes v)
{
    if (v.n >= 2 && (v.p[0] == '"' || v.p[0] == '\'') &&
        v.p[v.n - 1] == v.p[0])
        return bytes_of(v.p + 1, v.n - 2);
    return v;
}

static int
parse_line(struct map *vars, struct bytes line, struct err *err)
{
    size_t eq = bytes_find(line, '=');
    struct bytes name = bytes_to(line, eq), value = bytes_from(line, eq + 1);
    char *old;

    if (bytes_starts(name, "export "))
        name = bytes_from(name, 7);
    name = bytes_trim(name);
    if (eq == line.n || !name_valid(name))
        return err_set(err, ERR_INPUT, "NAME=value is wanted");
    if (bytes_find(value, '\0') < value.n)
        return err_set(err, ERR_INPUT, "%.*s: a NUL in the value",
                       BYTES_FMT(name));
    old = map_put(vars, name, bytes_dup(without_quotes(bytes_trim(value))));
    free(old);
    if (old != NULL)
        return err_set(err, ERR_INPUT, "%.*s is given twice",
                       BYTES_FMT(name));
    return 0;
}

int
conf_parse_file(struct map *vars, struct bytes text, const char *path,
                struct err *err)
{
    struct bytes line;

    for (unsigned no = 1; bytes_next(&text, '\n', &line); no++) {
        line = bytes_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (parse_line(vars, line, err) < 0)
            return err_wrap(err, "%s:%u", path, no);
    }
    return 0;
}

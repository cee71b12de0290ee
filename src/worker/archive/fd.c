/* A file descriptor as a source of bytes. */
#include "worker/archive/ar.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

#define FD_CHUNK_BYTES ((size_t)256 << 10)

void
ar_fd_init(struct ar_fd *in, int fd)
{
    *in = (struct ar_fd){ .fd = fd };
}

void
ar_fd_clear(struct ar_fd *in)
{
    free(in->buf);
    in->buf = NULL;
}

int
ar_fd_pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct ar_fd *in = arg;
    ssize_t n;

    if (in->buf == NULL)
        in->buf = xalloc(FD_CHUNK_BYTES);
    do
        n = read(in->fd, in->buf, FD_CHUNK_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set_errno(err, errno, "read input after %llu bytes",
                             (unsigned long long)in->n_bytes);
    in->n_bytes += (uint64_t)n;
    *chunk = bytes_of(in->buf, (size_t)n);
    return n > 0;
}

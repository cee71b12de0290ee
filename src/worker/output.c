/* All of it to a descriptor, or an error. */
#include "worker/output.h"

#include <errno.h>
#include <unistd.h>

int
output_write(struct bytes bytes, void *fd, struct err *err)
{
    while (bytes.n > 0) {
        ssize_t n = write(*(int *)fd, bytes.p, bytes.n);

        if (n < 0 && errno != EINTR)
            return err_set_errno(err, errno, "write output");
        if (n > 0)
            bytes = bytes_from(bytes, (size_t)n);
    }
    return 0;
}

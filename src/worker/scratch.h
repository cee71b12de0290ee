/* worker/scratch.h: the one file a worker may write: without a name, made
 * before the cage closes, gone with the process. */
#ifndef WORKER_SCRATCH_H
#define WORKER_SCRATCH_H

/* It is always this descriptor, so that the cage can name it. */
#define SCRATCH_FD 3

/*
 * In $TMPDIR, /var/tmp or /tmp, the first that lets us. SCRATCH_FD, or -1
 * when none does: a reason to log, not to stop.
 */
int scratch_open(void);

#endif

/* worker/warm.h: what libraries load on first use is used once before the
 * cage closes: later they could not open it. */
#ifndef WORKER_WARM_H
#define WORKER_WARM_H

void warm_up(void);

#endif

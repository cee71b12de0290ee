/*
 * cli/footprint.h: how much memory the service holds while it does nothing.
 *
 * Most of a young crabd's memory are pages of libraries: relocating them and
 * running their constructors touched code that is not run again (libcurl alone
 * brings thirty of them). They are clean pages of files: given back, they come
 * again from the page cache when they are touched.
 */
#ifndef CLI_FOOTPRINT_H
#define CLI_FOOTPRINT_H

/* Call before anything large is allocated: the top of the heap is not given
 * back and asked for anew with every request. */
void footprint_begin(void);
/* Call once the start is over; takes less than a millisecond. */
void footprint_trim(void);

#endif

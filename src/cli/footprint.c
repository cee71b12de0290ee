/* Giving back: pages of code and constants, and what malloc() keeps free. */
#include "cli/footprint.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a busy tunnel needs at once, and no more. */
#define HEAP_SPARE_BYTES (1 << 20)
#define HEAP_STEP_BYTES  (256 << 10)
/* A fixed threshold: what was larger goes back when it is freed. */
#define HEAP_LARGE_BYTES (128 << 10)

void
footprint_begin(void)
{
    mallopt(M_TRIM_THRESHOLD, HEAP_SPARE_BYTES);
    mallopt(M_TOP_PAD, HEAP_STEP_BYTES);
    mallopt(M_MMAP_THRESHOLD, HEAP_LARGE_BYTES);
    /* The reactor's, and one for the store and short-lived resolvers. */
    mallopt(M_ARENA_MAX, 2);
}

/* Only what cannot have been written to: the rest is not in a file. */
static int
give_back(struct dl_phdr_info *library, size_t size, void *arg)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)size;
    (void)arg;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        uintptr_t from = (library->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t to = (library->dlpi_addr + part->p_vaddr + part->p_filesz) &
                       ~(page - 1);

        if (part->p_type == PT_LOAD && (part->p_flags & PF_W) == 0 && to > from)
            madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void
footprint_trim(void)
{
    malloc_trim(0);
    dl_iterate_phdr(give_back, NULL);
}

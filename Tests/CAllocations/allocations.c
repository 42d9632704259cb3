// SPDX-License-Identifier: Apache-2.0
// Replaces glibc's allocator: programs that link this allocate through these functions, which count and forward.
#include "allocations.h"

#include <errno.h>
#include <stddef.h>

static __thread unsigned long count;
static __thread unsigned long bytes;

unsigned long ruche_allocation_count(void) { return count; }

unsigned long ruche_allocated_bytes(void) { return bytes; }

#if defined(__GLIBC__)
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

int ruche_counts_allocations(void) { return 1; }

static void note(size_t size) {
    count += 1;
    bytes += size;
}

void *malloc(size_t size) {
    note(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    note(size);
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    note(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *memory = memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}
#else
int ruche_counts_allocations(void) { return 0; }
#endif

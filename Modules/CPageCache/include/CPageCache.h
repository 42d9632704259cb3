// SPDX-License-Identifier: Apache-2.0
// Reads that never wait for a disk. The calls of the system for it are not in Swift's view of its C library.

#ifndef RUCHE_C_PAGE_CACHE_H
#define RUCHE_C_PAGE_CACHE_H

#include <sys/types.h>
#include <sys/uio.h>

/// Fills `vectors` from `offset` of the file `descriptor` with what the system holds in memory of it; as `preadv`.
/// -1 where nothing of it is there, or the system cannot tell.
ssize_t page_cache_read(int descriptor, const struct iovec *vectors, int count, off_t offset);

#endif

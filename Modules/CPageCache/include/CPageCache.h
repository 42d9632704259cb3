// SPDX-License-Identifier: Apache-2.0
// Reads that never wait for the disk, through system calls that Swift's view of the C library does not include.

#ifndef RUCHE_C_PAGE_CACHE_H
#define RUCHE_C_PAGE_CACHE_H

#include <sys/types.h>
#include <sys/uio.h>

/// Reads from `offset` of `descriptor` into `vectors` whatever the page cache holds, and returns the number of bytes
/// like `preadv`. Returns -1 if none of the data is cached, or if the system cannot tell.
ssize_t page_cache_read(int descriptor, const struct iovec *vectors, int count, off_t offset);

#endif

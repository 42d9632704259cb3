// SPDX-License-Identifier: Apache-2.0

#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#endif

#include "include/CPageCache.h"

#if defined(__linux__) && defined(RWF_NOWAIT)

/// Whether the file system keeps its files in memory. Such file systems do not support RWF_NOWAIT.
static int is_in_memory(int descriptor) {
    struct statfs status;
    return fstatfs(descriptor, &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

ssize_t page_cache_read(int descriptor, const struct iovec *vectors, int count, off_t offset) {
    ssize_t done = preadv2(descriptor, vectors, count, offset, RWF_NOWAIT);
    if (done == -1 && errno == EOPNOTSUPP && is_in_memory(descriptor)) {
        done = preadv(descriptor, vectors, count, offset);
    }
    return done;
}

#else

ssize_t page_cache_read(int descriptor, const struct iovec *vectors, int count, off_t offset) {
    (void)descriptor, (void)vectors, (void)count, (void)offset;
    return -1;
}

#endif

// SPDX-License-Identifier: Apache-2.0
#ifndef RUCHE_ALLOCATIONS_H
#define RUCHE_ALLOCATIONS_H

/// The number of heap blocks that the calling thread has allocated since it started, including reallocations. Always 0
/// if the C library is not glibc.
unsigned long ruche_allocation_count(void);

/// The total size of these blocks in bytes.
unsigned long ruche_allocated_bytes(void);

/// Whether allocations are counted on this system.
int ruche_counts_allocations(void);

#endif

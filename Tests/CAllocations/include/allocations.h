// SPDX-License-Identifier: Apache-2.0
#ifndef RUCHE_ALLOCATIONS_H
#define RUCHE_ALLOCATIONS_H

/// Blocks of memory that the calling thread has taken from the heap since it began, grown ones included. 0
/// for ever where the C library is not glibc.
unsigned long ruche_allocation_count(void);

/// Their bytes, in all.
unsigned long ruche_allocated_bytes(void);

/// Whether allocations are counted here.
int ruche_counts_allocations(void);

#endif

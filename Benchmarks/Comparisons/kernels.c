// SPDX-License-Identifier: Apache-2.0
// The speed per core of every kernel that this processor can run, compared with OpenSSL's EVP interface on one message.
//
//     clang -O2 -I Modules/CHashLanes/include Benchmarks/Comparisons/kernels.c Modules/CHashLanes/*.c -lcrypto -o kernels
//     ./kernels
//
// Times are the thread's CPU time, so other work on the machine disturbs them little. Messages are 16 KiB, like the
// blocks of a piece, and page-aligned. The best of nine rounds counts.

#include <CHashLanes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES = 16384, MESSAGES = 16, ROUNDS = 9, AUTOMATIC = -1, EVP = -2 };

static uint8_t *messages;

static double seconds_used(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void hash(hash_lanes_algorithm algorithm, int kernel, size_t count) {
    if (kernel == EVP) {
        uint8_t digest[EVP_MAX_MD_SIZE];
        const EVP_MD *kind = algorithm == HASH_LANES_SHA1 ? EVP_sha1() : EVP_sha256();
        for (size_t i = 0; i < count; i++) {
            EVP_Digest(messages + i * MESSAGE_BYTES, MESSAGE_BYTES, digest, NULL, kind, NULL);
        }
        return;
    }
    hash_lanes_state states[MESSAGES];
    hash_lanes_work work[MESSAGES];
    for (size_t i = 0; i < count; i++) {
        states[i] = hash_lanes_initial_state(algorithm);
        work[i] = (hash_lanes_work){&states[i], messages + i * MESSAGE_BYTES, MESSAGE_BYTES / HASH_LANES_BLOCK_BYTES};
    }
    if (kernel == AUTOMATIC) {
        hash_lanes_compress(algorithm, work, count);
    } else {
        hash_lanes_compress_with(algorithm, (size_t)kernel, work, count);
    }
}

static double gigabytes_a_second(hash_lanes_algorithm algorithm, int kernel, size_t count) {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double begun = seconds_used(), used;
        size_t bytes = 0;
        do {
            hash(algorithm, kernel, count);
            bytes += count * MESSAGE_BYTES;
            used = seconds_used() - begun;
        } while (used < 0.03);
        if ((double)bytes / used > best) best = (double)bytes / used;
    }
    return best / 1e9;
}

int main(void) {
    if (posix_memalign((void **)&messages, 4096, MESSAGES * MESSAGE_BYTES) != 0) return 1;
    for (int i = 0; i < MESSAGES * MESSAGE_BYTES; i++) messages[i] = (uint8_t)rand();
    for (int which = 0; which < 2; which++) {
        hash_lanes_algorithm algorithm = which == 0 ? HASH_LANES_SHA1 : HASH_LANES_SHA256;
        double evp = gigabytes_a_second(algorithm, EVP, MESSAGES);
        printf("%s\n  %-28s %5.2f GB/s\n", which == 0 ? "SHA-1" : "SHA-256", "OpenSSL EVP", evp);
        for (int kernel = 0; kernel < (int)hash_lanes_kernel_count(algorithm); kernel++) {
            double speed = gigabytes_a_second(algorithm, kernel, MESSAGES);
            const char *name = hash_lanes_kernel_name_at(algorithm, (size_t)kernel);
            printf("  %-28s %5.2f GB/s, %.2f of EVP\n", name, speed, speed / evp);
        }
        for (size_t count = 1; count <= MESSAGES; count++) {
            double speed = gigabytes_a_second(algorithm, AUTOMATIC, count);
            const char *name = hash_lanes_kernel_name(algorithm, count);
            printf("  as chosen, %2zu messages       %5.2f GB/s, %.2f of EVP  %s\n", count, speed, speed / evp, name);
        }
    }
    return 0;
}

/*
 * Line protocol of bench/subject-process.host.ts for anchors in C and C++: a count comes in on stdin, CPU nanoseconds of
 * the process and a check go out on stdout.
 */
#ifndef RINGPROOF_BENCH_PROTOCOL_H
#define RINGPROOF_BENCH_PROTOCOL_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline uint64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Answers requests until stdin ends. run() does `count` operations and returns the check. */
static inline int serve(uint32_t (*run)(uint64_t count)) {
    unsigned long long count;
    while (scanf("%llu", &count) == 1) {
        uint64_t before = cpu_ns();
        uint32_t check = run(count);
        uint64_t spent = cpu_ns() - before;
        printf("%llu %u\n", (unsigned long long)spent, check);
        fflush(stdout);
    }
    return 0;
}

#endif

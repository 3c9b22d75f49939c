/*
 * Event records as sim/trace.ts writes them: eight words and a running digest of two lanes. Off unless records_on is set.
 * The kinds stand for those of model/events.ts; their numbers do not matter here.
 */
#ifndef RINGPROOF_BENCH_RECORDS_H
#define RINGPROOF_BENCH_RECORDS_H

#include <stdint.h>

enum {
    PUBLISHED = 48,
    CHAIN_ELEMENT,
    DEVICE_LOOKED,
    TAKEN,
    USED_WRITTEN,
    USED_PUBLISHED,
    USED_FLAGS,
    AVAIL_FLAGS_SEEN,
    FRAME_PLACED,
    KICKED,
    KICK_HANDLED,
    KICK_DONE,
    INTERRUPT_RAISED,
    INTERRUPT_TAKEN,
    PACKET_HEADER
};

static int records_on;
static uint64_t records_time_ns;
static uint32_t records_words[8];
static uint32_t records_count;
static uint32_t records_lane_a = 0x9e3779b9u;
static uint32_t records_lane_b = 0x85ebca6bu;

static inline uint32_t rotate(uint32_t value, int by) {
    return value << by | value >> (32 - by);
}

static void records_append(uint32_t kind, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f) {
    volatile uint32_t *words = records_words;
    uint32_t head = kind | (uint32_t)(records_time_ns >> 32) << 16;
    uint32_t time = (uint32_t)records_time_ns;
    words[0] = head;
    words[1] = time;
    words[2] = a;
    words[3] = b;
    words[4] = c;
    words[5] = d;
    words[6] = e;
    words[7] = f;
    uint32_t lane_a = (records_lane_a ^ head) * 0x85ebca77u;
    uint32_t lane_b = (records_lane_b ^ time) * 0xc2b2ae3du;
    lane_a = (rotate(lane_a, 13) ^ a) * 0x85ebca77u;
    lane_b = (rotate(lane_b, 13) ^ b) * 0xc2b2ae3du;
    lane_a = (rotate(lane_a, 13) ^ c) * 0x85ebca77u;
    lane_b = (rotate(lane_b, 13) ^ d) * 0xc2b2ae3du;
    lane_a = (rotate(lane_a, 13) ^ e) * 0x85ebca77u;
    lane_b = (rotate(lane_b, 13) ^ f) * 0xc2b2ae3du;
    records_lane_a = rotate(lane_a, 7);
    records_lane_b = rotate(lane_b, 11);
    records_count++;
}

static inline void record(uint32_t kind, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f) {
    if (records_on) records_append(kind, a, b, c, d, e, f);
}

#endif

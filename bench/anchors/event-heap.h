/*
 * Pending events in order (time, class, sequence): a binary heap of structures, as one writes it in C.
 */
#ifndef RINGPROOF_BENCH_EVENT_HEAP_H
#define RINGPROOF_BENCH_EVENT_HEAP_H

#include <stdint.h>
#include <stdlib.h>

enum { HEAP_LIMIT = 256 };

struct event {
    double time_ns;
    uint64_t order; /* class << 32 | sequence */
    int kind;
    int argument;
};

static struct event heap[HEAP_LIMIT];
static int heap_count;
static uint64_t heap_sequence;
static double heap_now_ns;
/* The event heap_pop() took out last. */
static struct event heap_event;

static int is_before(const struct event *left, const struct event *right) {
    return left->time_ns < right->time_ns || (left->time_ns == right->time_ns && left->order < right->order);
}

static void heap_reset(void) {
    heap_count = 0;
    heap_sequence = 0;
    heap_now_ns = 0;
}

static void heap_push(double time_ns, uint64_t event_class, int kind, int argument) {
    struct event event = {time_ns, event_class << 32 | heap_sequence++, kind, argument};
    int position = heap_count++;
    if (heap_count > HEAP_LIMIT) abort();
    while (position > 0 && is_before(&event, &heap[(position - 1) / 2])) {
        heap[position] = heap[(position - 1) / 2];
        position = (position - 1) / 2;
    }
    heap[position] = event;
}

/* Takes the first event out into heap_event and moves the clock; 0 if there is none. */
static int heap_pop(void) {
    if (heap_count == 0) return 0;
    heap_event = heap[0];
    heap_now_ns = heap_event.time_ns;
    struct event last = heap[--heap_count];
    int position = 0;
    for (;;) {
        int child = 2 * position + 1;
        if (child >= heap_count) break;
        if (child + 1 < heap_count && is_before(&heap[child + 1], &heap[child])) child++;
        if (!is_before(&heap[child], &last)) break;
        heap[position] = heap[child];
        position = child;
    }
    heap[position] = last;
    return 1;
}

#endif

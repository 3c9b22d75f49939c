/*
 * The device side of the point-to-point link in plain C: the same checks, in the same order, as the fixed profile of
 * model/p2p, without anything a simulator needs (no views, no interleaving; records only on request).
 *
 * Per frame: readiness, avail indices, index jumps, head range, one private copy of each descriptor, loops, look-up of
 * each range in the regions of its port, direction and rights, header flags, sanitised header, merged buffers, used
 * elements behind barriers, avail flags, batched interrupts. Barriers order the compiler only, as coarse mode does.
 */
#ifndef RINGPROOF_BENCH_LINK_H
#define RINGPROOF_BENCH_LINK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4, NO_NOTIFY = 1, NO_INTERRUPT = 1, HEADER_BYTES = 12 };
enum { RX = 0, TX = 1, REGION_LIMIT = 80, NOTHING = -1, BAD = -2 };

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

struct region {
    uint64_t base;
    uint64_t size;
    uint8_t *local;
    int is_writable;
};

/* avail: flags, idx, ring[]; used: flags, idx, ring of (id, length). */
struct queue {
    struct descriptor *table;
    volatile uint16_t *avail;
    volatile uint16_t *used;
    uint16_t size;
    uint16_t cursor;
    int is_ready;
    int is_kick_direct;
    int is_kick_pending;
    uint32_t address;
};

struct port {
    struct region regions[REGION_LIMIT];
    unsigned region_count;
    struct queue queues[2];
    int is_running;
    int has_guest_checksum;
    int has_mergeable_buffers;
    uint32_t irq_status;
    uint32_t interrupts;
};

/* A position in a chain of one queue. */
struct end_point {
    struct port *port;
    struct queue *queue;
    const struct descriptor *table;
    struct descriptor current;
    uint32_t count;
    uint32_t elements;
    uint8_t *position;
    uint32_t left;
    uint16_t head;
    int is_open;
    int is_writing;
};

struct pipe {
    struct end_point transmit;
    struct end_point receive;
    uint16_t merged;
    uint32_t total;
    uint32_t placed;
    uint8_t *header;
};

#define BARRIER() __asm__ volatile("" ::: "memory")

/* The local bytes of a range that lies in one region, NULL if there is none. */
static uint8_t *region_find(const struct port *port, uint64_t address, uint32_t length, const struct region **found) {
    for (unsigned index = 0; index < port->region_count; index++) {
        const struct region *region = &port->regions[index];
        uint64_t offset = address - region->base;
        if (address < region->base || offset >= region->size || length > region->size - offset) continue;
        *found = region;
        return region->local + offset;
    }
    return NULL;
}

static int queue_has_moved(const struct queue *queue) {
    return queue->avail[1] != queue->cursor;
}

static int queue_take(struct queue *queue) {
    uint16_t index = queue->avail[1];
    if (index == queue->cursor) return NOTHING;
    if ((uint16_t)(index - queue->cursor) > queue->size) return BAD;
    BARRIER();
    uint16_t head = queue->avail[2 + (queue->cursor & (queue->size - 1))];
    record(TAKEN, queue->address, queue->cursor, head, 0, 0, 0);
    queue->cursor++;
    return head;
}

static void queue_write_used(struct queue *queue, uint32_t id, uint32_t length, uint16_t ahead) {
    uint16_t position = queue->used[1] + ahead;
    volatile uint32_t *element = (volatile uint32_t *)(queue->used + 2) + 2 * (position & (queue->size - 1));
    element[0] = id;
    element[1] = length;
    record(USED_WRITTEN, queue->address, position, id, length, 0, 0);
}

static void queue_publish_used(struct queue *queue, uint16_t count) {
    BARRIER();
    uint16_t index = queue->used[1];
    queue->used[1] = index + count;
    record(USED_PUBLISHED, queue->address, index, (uint16_t)(index + count), 0, 0, 0);
}

static void queue_suppress(struct queue *queue, int is_suppressed) {
    if (!queue->is_ready) return;
    uint16_t flags = queue->used[0];
    flags = is_suppressed ? flags | NO_NOTIFY : flags & ~NO_NOTIFY;
    queue->used[0] = flags;
    record(USED_FLAGS, queue->address, flags, 0, 0, 0, 0);
}

static void port_interrupt(struct port *port) {
    port->irq_status |= 1;
    port->interrupts++;
    record(INTERRUPT_RAISED, port->queues[0].address, 1, 0, 0, 0, 0);
}

static void port_announce(struct port *port, struct queue *queue) {
    BARRIER();
    uint16_t flags = queue->avail[0];
    record(AVAIL_FLAGS_SEEN, queue->address, flags, 0, 0, 0, 0);
    if (flags & NO_INTERRUPT) return;
    if (queue->is_kick_direct) port_interrupt(port);
    else queue->is_kick_pending = 1;
}

/* Translates the current descriptor; 0 if it is unusable. */
static int end_locate(struct end_point *end) {
    const struct region *region;
    uint8_t *local = region_find(end->port, end->current.address, end->current.length, &region);
    if (local == NULL) return 0;
    if (((end->current.flags & DESC_WRITE) != 0) != end->is_writing) return 0;
    if (end->is_writing && !region->is_writable) return 0;
    end->position = local;
    end->left = end->current.length;
    return 1;
}

static int end_enter_table(struct end_point *end) {
    const struct region *region;
    uint8_t *local = region_find(end->port, end->current.address, end->current.length, &region);
    if (local == NULL || end->current.length < sizeof(struct descriptor)) return 0;
    end->table = (const struct descriptor *)local;
    end->count = end->current.length / sizeof(struct descriptor);
    end->elements = 1;
    end->current = end->table[0];
    return (end->current.flags & DESC_INDIRECT) == 0;
}

/* Takes the next chain: 1, 0 if there is none, BAD if it is malformed. */
static int end_begin(struct end_point *end) {
    int head = queue_take(end->queue);
    if (head == NOTHING) return 0;
    if (head < 0 || head >= end->queue->size) return BAD;
    end->table = end->queue->table;
    end->count = end->queue->size;
    end->elements = 1;
    end->current = end->table[head];
    if ((end->current.flags & DESC_INDIRECT) && !end_enter_table(end)) return BAD;
    if (!end_locate(end)) return BAD;
    end->head = (uint16_t)head;
    end->is_open = 1;
    return 1;
}

/* Goes on to the next descriptor: 1, 0 if the chain has ended, BAD if it is malformed. */
static int end_advance(struct end_point *end) {
    if (!(end->current.flags & DESC_NEXT)) return 0;
    if (end->current.next >= end->count || ++end->elements > end->count) return BAD;
    end->current = end->table[end->current.next];
    if ((end->current.flags & DESC_INDIRECT) && !end_enter_table(end)) return BAD;
    return end_locate(end) ? 1 : BAD;
}

static void end_give_back(struct end_point *end, uint32_t length) {
    queue_write_used(end->queue, end->head, length, 0);
    queue_publish_used(end->queue, 1);
    end->is_open = 0;
    port_announce(end->port, end->queue);
}

#endif

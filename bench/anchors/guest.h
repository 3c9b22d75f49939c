/*
 * The driver's side of a split virtqueue in plain C: the same bookkeeping and the same distrust of the device as
 * model/virtqueue/driver-queue, and a guest with a transmit and a receive ring in its own memory.
 */
#ifndef RINGPROOF_BENCH_GUEST_H
#define RINGPROOF_BENCH_GUEST_H

#include "pipe.h"

enum { RING_SIZE = 32, BUFFER_BYTES = 2048, POSTED_BUFFERS = 16, GUEST_BYTES = 1 << 17, NO_INDEX = 0xffff };

struct segment {
    uint64_t address;
    uint32_t length;
    int is_writable;
};

struct driver_queue {
    struct descriptor *table;
    volatile uint16_t *avail;
    volatile uint16_t *used;
    uint16_t follower[RING_SIZE];
    uint16_t chain_length[RING_SIZE];
    uint32_t writable_bytes[RING_SIZE];
    uint16_t free_head;
    uint16_t free_count;
    uint16_t chains;
    uint16_t avail_index;
    uint16_t unpublished;
    uint16_t used_index;
    uint16_t used_seen;
    uint32_t used_length;
};

struct guest {
    uint8_t *memory;
    struct driver_queue queues[2];
    struct segment receive[RING_SIZE];
    unsigned next_transmit;
};

static void queue_reset(struct driver_queue *queue, uint8_t *memory, uint32_t at) {
    queue->table = (struct descriptor *)(memory + at);
    queue->avail = (volatile uint16_t *)(memory + at + 16 * RING_SIZE);
    queue->used = (volatile uint16_t *)(memory + at + 16 * RING_SIZE + 128);
    memset(memory + at, 0, 1024);
    memset(queue->chain_length, 0, sizeof queue->chain_length);
    for (int index = 0; index < RING_SIZE; index++) queue->follower[index] = index + 1 < RING_SIZE ? index + 1 : NO_INDEX;
    queue->free_head = 0;
    queue->free_count = RING_SIZE;
    queue->chains = queue->avail_index = queue->unpublished = queue->used_index = queue->used_seen = 0;
}

static int queue_add(struct driver_queue *queue, const struct segment *segments, int count) {
    if (count == 0 || count > queue->free_count) return NOTHING;
    uint16_t head = queue->free_head;
    uint16_t index = head;
    uint32_t writable = 0;
    for (int position = 0; position < count; position++) {
        struct descriptor *descriptor = &queue->table[index];
        int is_last = position == count - 1;
        uint16_t next = queue->follower[index];
        descriptor->address = segments[position].address;
        descriptor->length = segments[position].length;
        descriptor->flags = (segments[position].is_writable ? DESC_WRITE : 0) | (is_last ? 0 : DESC_NEXT);
        descriptor->next = is_last ? 0 : next;
        if (segments[position].is_writable) writable += segments[position].length;
        if (is_last) queue->free_head = next;
        else index = next;
    }
    queue->free_count -= count;
    queue->chains++;
    queue->chain_length[head] = count;
    queue->writable_bytes[head] = writable;
    queue->avail[2 + ((queue->avail_index + queue->unpublished++) & (RING_SIZE - 1))] = head;
    return head;
}

static void queue_publish(struct driver_queue *queue) {
    if (queue->unpublished == 0) return;
    queue->avail_index += queue->unpublished;
    queue->unpublished = 0;
    BARRIER();
    queue->avail[1] = queue->avail_index;
}

static int queue_wants_kick(const struct driver_queue *queue) {
    BARRIER();
    return !(queue->used[0] & NO_NOTIFY);
}

/* Takes the next used chain: its head, NOTHING or BAD. */
static int queue_take_used(struct driver_queue *queue) {
    if (queue->used_index == queue->used_seen) {
        uint16_t index = queue->used[1];
        if (index == queue->used_index) return NOTHING;
        if ((uint16_t)(index - queue->used_index) > queue->chains) return BAD;
        queue->used_seen = index;
        BARRIER();
    }
    volatile uint32_t *element = (volatile uint32_t *)(queue->used + 2) + 2 * (queue->used_index & (RING_SIZE - 1));
    uint32_t id = element[0];
    uint32_t length = element[1];
    if (id >= RING_SIZE || queue->chain_length[id] == 0 || length > queue->writable_bytes[id]) return BAD;
    queue->used_index++;
    queue->used_length = length;
    uint16_t last = id;
    for (int position = 1; position < queue->chain_length[id]; position++) last = queue->follower[last];
    queue->follower[last] = queue->free_head;
    queue->free_head = id;
    queue->free_count += queue->chain_length[id];
    queue->chains--;
    queue->chain_length[id] = 0;
    return id;
}

/* Sets guest `side` and its port up and posts its receive buffers. Layout: rings, receive buffers, transmit buffers. */
static void guest_start(struct guest *guest, int side) {
    struct port *port = &ports[side];
    memset(port, 0, sizeof *port);
    port->regions[0] = (struct region){0, GUEST_BYTES, guest->memory, 1};
    port->region_count = 1;
    port->has_mergeable_buffers = 1;
    for (int number = 0; number < 2; number++) {
        struct driver_queue *own = &guest->queues[number];
        queue_reset(own, guest->memory, 4096 * number);
        port->queues[number] = (struct queue){own->table, own->avail, own->used, RING_SIZE, 0, 1, 1, 0, side | number << 8};
    }
    port->is_running = 1;
    guest->next_transmit = 0;
    for (int index = 0; index < POSTED_BUFFERS; index++) {
        struct segment segment = {8192 + BUFFER_BYTES * index, BUFFER_BYTES, 1};
        guest->receive[queue_add(&guest->queues[RX], &segment, 1)] = segment;
    }
    queue_publish(&guest->queues[RX]);
}

/* Queues a frame of `length` bytes behind its header, in one or two descriptors, that begins with `value`. */
static void guest_transmit(struct guest *guest, uint32_t value, uint32_t length, int descriptors) {
    uint32_t at = 8192 + BUFFER_BYTES * (POSTED_BUFFERS + (guest->next_transmit++ & (POSTED_BUFFERS - 1)));
    memset(guest->memory + at, 0, HEADER_BYTES);
    memcpy(guest->memory + at + HEADER_BYTES, &value, 4);
    struct segment whole[1] = {{at, HEADER_BYTES + length, 0}};
    struct segment parts[2] = {{at, HEADER_BYTES, 0}, {at + HEADER_BYTES, length, 0}};
    if (queue_add(&guest->queues[TX], descriptors == 1 ? whole : parts, descriptors) < 0) malformed();
    queue_publish(&guest->queues[TX]);
}

/* Takes back what was transmitted. */
static void guest_reclaim(struct guest *guest) {
    int head;
    while ((head = queue_take_used(&guest->queues[TX])) >= 0) continue;
    if (head == BAD) malformed();
}

#endif

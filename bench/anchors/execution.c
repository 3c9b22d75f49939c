/*
 * Anchor: whole executions in plain C - what bench/subjects/execution.ts does, with an event heap, a link and two guests,
 * but without anything that makes it a test: no views, no choices, no rules, no digest of outcomes.
 *
 * Per execution: memory cleared, both ports brought up by the same register accesses and control calls, a ping-pong of
 * frames with a notification and an interrupt each, payload made and compared. Parameter: records (0 or 1).
 */
#include "event-heap.h"
#include "guest.h"
#include "protocol.h"

enum { FRAMES = 8, FIRST_FRAME_NS = 20000, GAP_NS = 1100, FRAME_BYTES = 60, LATENCY_NS = 100 };
enum { SEND, KICK, INTERRUPT };
enum { REGISTER_READS = 25, REGISTER_WRITES = 24, ALLOCATIONS = 11, STATUS_STEPS = 5, USED_BYTES = 8192 + 2 * POSTED_BUFFERS * BUFFER_BYTES };
enum { ACCESS = 80, CONTROL, STATUS, ALLOCATED, CALL, RETURN, OFFERED, ANSWERED, DELIVERED };

static struct guest guests[2];
static volatile uint32_t pages[2][1024];
static uint32_t generations[2];
static uint32_t interrupts_seen[2];
static int is_kick_pending;
static uint32_t frames_of[2];
static uint32_t taken_of[2];
static uint32_t delivered;

static uint8_t payload_byte(int port, uint32_t number, uint32_t index) {
    return (uint8_t)(port * 131 + number * 31 + index * 7);
}

static void kick(int port) {
    record(KICKED, port, 0, 0, 0, 0, 0);
    if (is_kick_pending) return;
    is_kick_pending = 1;
    heap_push(heap_now_ns + LATENCY_NS, 4, KICK, 0);
}

/* Register accesses, status steps, allocations and control calls of one driver's start. */
static void bring_up(int port) {
    volatile uint32_t *page = pages[port];
    for (int step = 0; step < REGISTER_READS; step++) record(ACCESS, port, 4 * step, 4, page[step], 0, 0);
    for (int step = 0; step < REGISTER_WRITES; step++) {
        page[64 + step] = step;
        record(ACCESS, port, 256 + 4 * step, 4, step, 1, 0);
    }
    for (int step = 0; step < STATUS_STEPS; step++) {
        record(CALL, port, step, 0, 0, 0, 0);
        page[28] = step;
        record(STATUS, port, step, 0, 0, 0, 0);
        record(RETURN, port, step, 0, 0, 0, 0);
    }
    for (int step = 0; step < ALLOCATIONS; step++) record(ALLOCATED, port, step, 2048, 0, 0, 0);
    guest_start(&guests[port], port);
    for (int queue = 0; queue < 2; queue++) record(CONTROL, port, queue, RING_SIZE, 0, 0, 0);
    generations[port]++;
}

static void send_frame(int port) {
    struct guest *guest = &guests[port];
    uint32_t number = frames_of[port]++;
    uint32_t at = 8192 + BUFFER_BYTES * (POSTED_BUFFERS + (guest->next_transmit & (POSTED_BUFFERS - 1)));
    record(OFFERED, port, number, FRAME_BYTES, 0, 0, 0);
    record(CALL, port, 1, 0, 0, 0, 0);
    guest_transmit(guest, 0, FRAME_BYTES, 1);
    for (uint32_t index = 0; index < FRAME_BYTES; index++) guest->memory[at + HEADER_BYTES + index] = payload_byte(port, number, index);
    if (queue_wants_kick(&guest->queues[TX])) kick(port);
    record(RETURN, port, 1, 0, 0, 0, 0);
    record(ANSWERED, port, number, 1, 0, 0, 0);
}

/* Takes received frames, compares their bytes, posts the buffers again. */
static int receive_frames(int port) {
    struct driver_queue *queue = &guests[port].queues[RX];
    int count = 0;
    int head;
    while ((head = queue_take_used(queue)) >= 0) {
        struct segment segment = guests[port].receive[head];
        const uint8_t *bytes = guests[port].memory + segment.address + HEADER_BYTES;
        uint32_t number = taken_of[port]++;
        if (queue->used_length != HEADER_BYTES + FRAME_BYTES) malformed();
        for (uint32_t index = 0; index < FRAME_BYTES; index++) {
            if (bytes[index] != payload_byte(1 - port, number, index)) malformed();
        }
        record(DELIVERED, port, number, FRAME_BYTES, 0, 0, 0);
        guests[port].receive[queue_add(queue, &segment, 1)] = segment;
        count++;
    }
    if (head == BAD) malformed();
    queue_publish(queue);
    return count;
}

/* The interrupt handler: interrupts off, drain, interrupts on, look again. */
static void handle_interrupt(int port) {
    struct guest *guest = &guests[port];
    record(INTERRUPT_TAKEN, port, 0, 0, 0, 0, 0);
    record(CALL, port, 2, 0, 0, 0, 0);
    pages[port][24] = 0;
    guest->queues[RX].avail[0] = guest->queues[TX].avail[0] = NO_INTERRUPT;
    do {
        int count = receive_frames(port);
        delivered += count;
        if (count > 0 && queue_wants_kick(&guest->queues[RX])) kick(port);
        guest_reclaim(guest);
        guest->queues[RX].avail[0] = guest->queues[TX].avail[0] = 0;
        BARRIER();
    } while (guest->queues[RX].used[1] != guest->queues[RX].used_index || guest->queues[TX].used[1] != guest->queues[TX].used_index);
    record(RETURN, port, 2, 0, 0, 0, 0);
}

static void serve_kick(void) {
    is_kick_pending = 0;
    handle_kick();
    for (int port = 0; port < 2; port++) {
        if (ports[port].interrupts == interrupts_seen[port]) continue;
        interrupts_seen[port] = ports[port].interrupts;
        pages[port][24] |= 1;
        heap_push(heap_now_ns + LATENCY_NS, 8, INTERRUPT, port);
    }
}

static void execute(void) {
    heap_reset();
    is_kick_pending = 0;
    for (int port = 0; port < 2; port++) {
        memset(guests[port].memory, 0, USED_BYTES);
        memset((void *)pages[port], 0, sizeof pages[port]);
        interrupts_seen[port] = frames_of[port] = taken_of[port] = 0;
        bring_up(port);
    }
    link_connect();
    for (int port = 0; port < 2; port++) kick(port);
    for (int turn = 0; turn < FRAMES; turn++) heap_push(FIRST_FRAME_NS + turn * GAP_NS, 12, SEND, turn & 1);
    while (heap_pop()) {
        records_time_ns = (uint64_t)heap_now_ns;
        switch (heap_event.kind) {
        case SEND:
            send_frame(heap_event.argument);
            break;
        case KICK:
            serve_kick();
            break;
        default:
            handle_interrupt(heap_event.argument);
        }
    }
}

static uint32_t run(uint64_t count) {
    for (uint64_t done = 0; done < count; done++) execute();
    return delivered;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    records_on = atoi(argv[1]);
    for (int port = 0; port < 2; port++) guests[port].memory = calloc(1, GUEST_BYTES);
    return serve(run);
}

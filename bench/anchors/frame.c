/*
 * Anchor: one frame from guest 0 to guest 1 through the link in plain C, a notification per frame.
 * Parameters: bytes of the frame behind its header, descriptors (1 or 2), records (0 or 1).
 */
#include "guest.h"
#include "protocol.h"

static struct guest guests[2];
static uint32_t length_bytes;
static int descriptors;
static uint32_t number;
static uint32_t check;

static uint32_t fold(uint32_t check, uint32_t value) {
    return (check ^ value) * 0x01000193u;
}

/* Takes all received frames, folds their numbers and lengths into the check and posts the buffers again. */
static uint32_t guest_receive(struct guest *guest, uint32_t check) {
    struct driver_queue *queue = &guest->queues[RX];
    int head;
    while ((head = queue_take_used(queue)) >= 0) {
        struct segment segment = guest->receive[head];
        const uint8_t *bytes = guest->memory + segment.address;
        uint16_t buffers;
        uint32_t value;
        memcpy(&buffers, bytes + 10, 2);
        memcpy(&value, bytes + HEADER_BYTES, 4);
        if (buffers != 1 || queue->used_length < HEADER_BYTES) malformed();
        check = fold(fold(check, value), queue->used_length);
        guest->receive[queue_add(queue, &segment, 1)] = segment;
    }
    if (head == BAD) malformed();
    queue_publish(queue);
    return check;
}

static uint32_t run(uint64_t count) {
    for (uint64_t done = 0; done < count; done++) {
        guest_transmit(&guests[0], number++, length_bytes, descriptors);
        if (queue_wants_kick(&guests[0].queues[TX])) handle_kick();
        check = guest_receive(&guests[1], check);
        guest_reclaim(&guests[0]);
    }
    return fold(check, ports[0].interrupts + ports[1].interrupts);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    length_bytes = (uint32_t)atoi(argv[1]);
    descriptors = atoi(argv[2]);
    records_on = atoi(argv[3]);
    for (int side = 0; side < 2; side++) {
        guests[side].memory = calloc(1, GUEST_BYTES);
        guest_start(&guests[side], side);
    }
    link_connect();
    return serve(run);
}

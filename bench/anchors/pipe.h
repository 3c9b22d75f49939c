/*
 * The copy routine and the kick handler of the link in plain C; see link.h.
 *
 * A chain that is malformed ends the program: the loads of the bench have none, and what the model does then is not
 * measured. The test for it is what counts here.
 */
#ifndef RINGPROOF_BENCH_PIPE_H
#define RINGPROOF_BENCH_PIPE_H

#include "link.h"

static struct port ports[2];
static struct pipe pipes[2];

static void malformed(void) {
    abort();
}

static int pipe_is_ready(const struct pipe *pipe) {
    return pipe->transmit.queue->is_ready && pipe->receive.queue->is_ready && pipe->transmit.port->is_running &&
           pipe->receive.port->is_running;
}

static int pipe_has_work(const struct pipe *pipe) {
    if (!pipe_is_ready(pipe)) return 0;
    if (!pipe->transmit.is_open && !queue_has_moved(pipe->transmit.queue)) return 0;
    return queue_has_moved(pipe->receive.queue);
}

static int pipe_start_transmit(struct pipe *pipe) {
    int step = end_begin(&pipe->transmit);
    if (step == BAD) malformed();
    pipe->placed = 0;
    return step;
}

static int pipe_start_receive(struct pipe *pipe) {
    int step = end_begin(&pipe->receive);
    if (step == BAD) malformed();
    if (step == 0) return 0;
    pipe->total = 0;
    if (pipe->merged == 0) pipe->header = pipe->receive.position;
    return 1;
}

static void pipe_move(struct pipe *pipe) {
    struct end_point *from = &pipe->transmit;
    struct end_point *to = &pipe->receive;
    uint32_t length = from->left < to->left ? from->left : to->left;
    if (pipe->placed == 0) {
        if (length < HEADER_BYTES) malformed();
        if (!to->port->has_guest_checksum && (from->position[0] & 1)) malformed(); /* Checksum completion is not part of the load. */
    }
    memcpy(to->position, from->position, length);
    from->position += length;
    from->left -= length;
    to->position += length;
    to->left -= length;
    pipe->total += length;
    pipe->placed += length;
}

/* Leaves in the receiver's header only what it negotiated. */
static void pipe_sanitize(struct pipe *pipe) {
    uint8_t *header = pipe->header;
    uint8_t kept = pipe->receive.port->has_guest_checksum ? header[0] & 1 : 0;
    if (kept != header[0]) header[0] = kept;
    for (int index = 1; index < (kept ? 6 : 10); index++) {
        if (header[index] != 0) header[index] = 0;
    }
}

static void pipe_finish(struct pipe *pipe) {
    struct end_point *receive = &pipe->receive;
    if (pipe->placed < HEADER_BYTES || (pipe->header[0] & 1)) malformed();
    end_give_back(&pipe->transmit, 0);
    queue_write_used(receive->queue, receive->head, pipe->total, pipe->merged);
    receive->is_open = 0;
    pipe->merged++;
    pipe_sanitize(pipe);
    memcpy(pipe->header + 10, &pipe->merged, 2);
    record(FRAME_PLACED, receive->queue->address, pipe->merged, pipe->header[0], pipe->header[1], pipe->placed, 0);
    queue_publish_used(receive->queue, pipe->merged);
    port_announce(receive->port, receive->queue);
    pipe->merged = 0;
}

static int pipe_next_buffer(struct pipe *pipe) {
    struct end_point *receive = &pipe->receive;
    if (!receive->port->has_mergeable_buffers) malformed();
    queue_write_used(receive->queue, receive->head, pipe->total, pipe->merged);
    receive->is_open = 0;
    if (++pipe->merged >= receive->queue->size) malformed();
    return pipe_start_receive(pipe);
}

static void pipe_copy(struct pipe *pipe, unsigned limit) {
    unsigned left = limit;
    if (!pipe->transmit.is_open) {
        pipe->merged = 0;
        if (!pipe_start_transmit(pipe)) return;
    }
    if (!pipe->receive.is_open && !pipe_start_receive(pipe)) return;
    for (;;) {
        pipe_move(pipe);
        if (pipe->transmit.left == 0) {
            int step = end_advance(&pipe->transmit);
            if (step == BAD) malformed();
            if (step == 0) {
                pipe_finish(pipe);
                if (--left == 0 || !pipe_start_transmit(pipe)) return;
                if (!pipe->receive.is_open && !pipe_start_receive(pipe)) return;
                continue;
            }
        }
        if (pipe->receive.left == 0) {
            int step = end_advance(&pipe->receive);
            if (step == BAD) malformed();
            if (step == 0 && !pipe_next_buffer(pipe)) return;
        }
    }
}

static void kick_begin(void) {
    for (int side = 0; side < 2; side++) {
        if (pipe_is_ready(&pipes[side])) {
            queue_suppress(pipes[side].transmit.queue, 1);
            queue_suppress(pipes[side].receive.queue, 1);
        }
        for (int queue = 0; queue < 2; queue++) {
            ports[side].queues[queue].is_kick_direct = 0;
            ports[side].queues[queue].is_kick_pending = 0;
        }
    }
}

static void kick_end(void) {
    for (int side = 0; side < 2; side++) {
        int is_pending = 0;
        for (int queue = 0; queue < 2; queue++) {
            ports[side].queues[queue].is_kick_direct = 1;
            is_pending |= ports[side].queues[queue].is_kick_pending;
        }
        if (is_pending) port_interrupt(&ports[side]);
    }
    for (int side = 0; side < 2; side++) {
        if (!pipe_is_ready(&pipes[side])) continue;
        queue_suppress(pipes[side].transmit.queue, 0);
        queue_suppress(pipes[side].receive.queue, 0);
    }
    BARRIER();
}

/* Handles the notification interrupt: both directions in turns, 16 frames each, until nothing is left. */
static void handle_kick(void) {
    record(KICK_HANDLED, 0, 0, 0, 0, 0, 0);
    do {
        int is_busy;
        kick_begin();
        do {
            is_busy = 0;
            for (int side = 0; side < 2; side++) {
                if (!pipe_has_work(&pipes[side])) continue;
                pipe_copy(&pipes[side], 16);
                is_busy = 1;
            }
        } while (is_busy);
        kick_end();
    } while (pipe_has_work(&pipes[0]) || pipe_has_work(&pipes[1]));
    record(KICK_DONE, 0, 0, 0, 0, 0, 0);
}

static void link_connect(void) {
    for (int side = 0; side < 2; side++) {
        struct pipe *pipe = &pipes[side];
        memset(pipe, 0, sizeof *pipe);
        pipe->transmit.port = &ports[side];
        pipe->transmit.queue = &ports[side].queues[TX];
        pipe->receive.port = &ports[1 - side];
        pipe->receive.queue = &ports[1 - side].queues[RX];
        pipe->receive.is_writing = 1;
    }
}

#endif

/*
 * Anchor: the hold model on std::priority_queue with events of the same fields as sim/event-queue.ts.
 * Parameter: number of pending events. Delay table and check are those of bench/hold-model.ts.
 */
#include <cstdint>
#include <cstdlib>
#include <queue>
#include <vector>

#include "protocol.h"

namespace {

constexpr uint32_t kDelayMask = 4095;
constexpr uint32_t kClass = 1;

struct Event {
    double time_ns;
    uint64_t order; /* class << 32 | sequence */
    double first;
    double second;
    uint16_t opcode;
    uint16_t source;
    uint8_t agent;
};

struct Later {
    bool operator()(const Event &left, const Event &right) const {
        return left.time_ns > right.time_ns || (left.time_ns == right.time_ns && left.order > right.order);
    }
};

std::priority_queue<Event, std::vector<Event>, Later> queue;
uint32_t delays[kDelayMask + 1];
uint32_t draws;
uint32_t check;
uint64_t sequence;

void fill_delays() {
    uint32_t state = 0x9e3779b9u;
    for (uint32_t &delay : delays) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        delay = 1 + state % 1000;
    }
}

uint32_t fold(uint32_t value, uint32_t kind, uint32_t actor) {
    switch (kind) {
    case 0:
        return (value ^ actor) * 0x01000193u;
    case 1:
        return (value + actor) * 0x01000193u;
    case 2:
        return (value ^ (actor + 7)) * 0x01000193u;
    default:
        return (value - actor) * 0x01000193u;
    }
}

void hold(double now_ns, uint16_t kind, double actor) {
    queue.push(Event{now_ns + delays[draws++ & kDelayMask], (uint64_t)kClass << 32 | sequence++, actor, 0, kind, 0, 0});
}

uint32_t run(uint64_t count) {
    for (uint64_t done = 0; done < count; done++) {
        const Event event = queue.top();
        queue.pop();
        check = fold(check, event.opcode, (uint32_t)event.first);
        hold(event.time_ns, event.opcode, event.first);
    }
    return check;
}

} // namespace

int main(int argc, char **argv) {
    const int pending = argc > 1 ? std::atoi(argv[1]) : 16;
    fill_delays();
    for (int actor = 0; actor < pending; actor++) hold(0, (uint16_t)(actor % 4), actor);
    return serve(run);
}

"""Anchor: the hold model as SimPy processes. Parameter: number of pending events.

Speaks the line protocol of bench/subject-process.host.ts; the delay table and the check are those of bench/hold-model.ts.
"""

import sys
import time

import simpy

WORD = 0xFFFFFFFF
DELAY_MASK = 4095


def hold_delays():
    """The delay table: xorshift32 from a fixed seed, 1..1000 ns."""
    delays = []
    state = 0x9E3779B9
    for _ in range(DELAY_MASK + 1):
        state ^= (state << 13) & WORD
        state ^= state >> 17
        state ^= (state << 5) & WORD
        delays.append(1 + state % 1000)
    return delays


class HoldModel:
    """A fixed number of processes that wait and fold."""

    def __init__(self, pending):
        self.environment = simpy.Environment()
        self.delays = hold_delays()
        self.draws = 0
        self.check = 0
        for actor in range(pending):
            self.environment.process(self.live(actor % 4, actor))
        for _ in range(pending):
            self.environment.step()  # Start events; from here on every step is one hold.

    def live(self, kind, actor):
        while True:
            delay = self.delays[self.draws & DELAY_MASK]
            self.draws += 1
            yield self.environment.timeout(delay)
            self.fold(kind, actor)

    def fold(self, kind, actor):
        if kind == 0:
            mixed = self.check ^ actor
        elif kind == 1:
            mixed = self.check + actor
        elif kind == 2:
            mixed = self.check ^ (actor + 7)
        else:
            mixed = self.check - actor
        self.check = (mixed * 0x01000193) & WORD


def main():
    model = HoldModel(int(sys.argv[1]))
    step = model.environment.step
    for line in sys.stdin:
        count = int(line)
        before = time.process_time_ns()
        for _ in range(count):
            step()
        spent = time.process_time_ns() - before
        print(spent, model.check, flush=True)


main()

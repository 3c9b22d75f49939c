// Anchor: the hold model as async actors that await a promise-per-event clock, as asynchronous simulators do it.
import { DELAY_MASK, foldEvent, holdDelays, KINDS } from '../hold-model.js';
import { integerParameter, type AsyncSubject } from '../subject.js';

interface Sleeper {
  readonly timeNs: number;
  readonly sequence: number;
  readonly resolve: () => void;
}

class PromiseClock {
  nowNs = 0;
  private readonly heap: Sleeper[] = [];
  private sequence = 0;

  sleep(delayNs: number): Promise<void> {
    return new Promise((resolve) => this.push({ timeNs: this.nowNs + delayNs, sequence: this.sequence++, resolve }));
  }

  /** Wakes the first sleeper and lets it run to its next await. */
  async step(): Promise<void> {
    const sleeper = this.pop()!;
    this.nowNs = sleeper.timeNs;
    sleeper.resolve();
    await null;
  }

  private push(sleeper: Sleeper): void {
    const { heap } = this;
    let position = heap.length;
    heap.push(sleeper);
    while (position > 0) {
      const parent = (position - 1) >>> 1;
      const other = heap[parent]!;
      if (!isBefore(sleeper, other)) break;
      heap[position] = other;
      position = parent;
    }
    heap[position] = sleeper;
  }

  private pop(): Sleeper | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let position = 0;
    for (;;) {
      let child = position * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[position] = heap[child]!;
      position = child;
    }
    heap[position] = last;
    return first;
  }
}

function isBefore(left: Sleeper, right: Sleeper): boolean {
  return left.timeNs === right.timeNs ? left.sequence < right.sequence : left.timeNs < right.timeNs;
}

/** Starts the actors and returns the subject. */
export function createSubject(parameters: readonly string[]): AsyncSubject {
  const pending = integerParameter(parameters, 0);
  const delays = holdDelays();
  const clock = new PromiseClock();
  let draws = 0;
  let check = 0;
  const live = async (kind: number, actor: number): Promise<void> => {
    for (;;) {
      await clock.sleep(delays[draws++ & DELAY_MASK]!);
      check = foldEvent(check, kind, actor);
    }
  };
  for (let actor = 0; actor < pending; actor++) void live(actor % KINDS, actor);
  return {
    run: async (count) => {
      for (let done = 0; done < count; done++) await clock.step();
      return check;
    },
  };
}

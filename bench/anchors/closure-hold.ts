// Anchor: the hold model on the queue one writes first - a binary heap of objects, each with a fresh closure to call.
//
// Same order (time, class, sequence) and the same care in the code as sim/event-queue.ts; only the layout differs.
import { DELAY_MASK, foldEvent, holdDelays, KINDS } from '../hold-model.js';
import { integerParameter, type Subject } from '../subject.js';

const EVENT_CLASS = 1;

interface PendingEvent {
  readonly timeNs: number;
  readonly eventClass: number;
  readonly sequence: number;
  readonly run: () => void;
}

class ClosureQueue {
  private readonly heap: PendingEvent[] = [];
  private sequence = 0;

  push(timeNs: number, eventClass: number, run: () => void): void {
    const event = { timeNs, eventClass, sequence: this.sequence++, run };
    const { heap } = this;
    let position = heap.length;
    heap.push(event);
    while (position > 0) {
      const parent = (position - 1) >>> 1;
      const other = heap[parent]!;
      if (!isBefore(event, other)) break;
      heap[position] = other;
      position = parent;
    }
    heap[position] = event;
  }

  pop(): PendingEvent | undefined {
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

function isBefore(left: PendingEvent, right: PendingEvent): boolean {
  if (left.timeNs !== right.timeNs) return left.timeNs < right.timeNs;
  return left.eventClass === right.eventClass ? left.sequence < right.sequence : left.eventClass < right.eventClass;
}

/** Fills the queue and returns the subject. */
export function createSubject(parameters: readonly string[]): Subject {
  const pending = integerParameter(parameters, 0);
  const delays = holdDelays();
  const queue = new ClosureQueue();
  let draws = 0;
  let check = 0;
  let nowNs = 0;
  const hold = (kind: number, actor: number): void => {
    queue.push(nowNs + delays[draws++ & DELAY_MASK]!, EVENT_CLASS, () => {
      check = foldEvent(check, kind, actor);
      hold(kind, actor);
    });
  };
  for (let actor = 0; actor < pending; actor++) hold(actor % KINDS, actor);
  return {
    run: (count) => {
      for (let done = 0; done < count; done++) {
        const event = queue.pop()!;
        nowNs = event.timeNs;
        event.run();
      }
      return check;
    },
  };
}

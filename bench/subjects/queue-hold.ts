// The hold model on the event queue of the kernel. Parameter: number of pending events.
import { EventQueue } from '../../sim/event-queue.js';
import { DELAY_MASK, foldEvent, holdDelays, KINDS } from '../hold-model.js';
import { integerParameter, type Subject } from '../subject.js';

const EVENT_CLASS = 1;

/** Fills the queue and returns the subject. */
export function createSubject(parameters: readonly string[]): Subject {
  const pending = integerParameter(parameters, 0);
  const delays = holdDelays();
  const queue = new EventQueue();
  let draws = 0;
  let check = 0;
  for (let actor = 0; actor < pending; actor++) queue.push(delays[draws++ & DELAY_MASK]!, EVENT_CLASS, 0, actor % KINDS, actor, 0, 0);
  return {
    run: (count) => {
      for (let done = 0; done < count; done++) {
        queue.pop();
        const kind = queue.opcode;
        const actor = queue.first;
        check = foldEvent(check, kind, actor);
        queue.push(queue.timeNs + delays[draws++ & DELAY_MASK]!, EVENT_CLASS, 0, kind, actor, 0, 0);
      }
      return check;
    },
  };
}

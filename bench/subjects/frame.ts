// One frame from guest 0 to guest 1 through the plain twin of the server in coarse mode, a notification per frame.
//
// Parameters: bytes of the frame behind its header, descriptors (1 or 2), records (0 or 1), profile (default fixed).
import { EventLog } from '../../model/event-log.js';
import { LocationRegistry } from '../../model/locations.js';
import { deviationsOf, type Profile } from '../../model/p2p/quirks.js';
import { PointToPointServer } from '../../model/p2p/server.plain.js';
import { RingWatcher } from '../../model/virtqueue/ring-watcher.js';
import { NO_OBSERVER } from '../../sim/access-observer.js';
import { AddressSpace } from '../../sim/address-space.js';
import { Arena } from '../../sim/arena.js';
import { CoarseMemory } from '../../sim/coarse-memory.js';
import { Trace } from '../../sim/trace.js';
import { DirectGuest, fold } from '../direct-guest.js';
import { SilentTrace } from '../silent-trace.js';
import { integerParameter, type Subject } from '../subject.js';

const SERVER = 0;

/** Tells no chains: without records there is nobody to tell. */
class BlindWatcher extends RingWatcher {
  override sync(): void {}
}

/** Brings both ports up and returns the subject. */
export function createSubject(parameters: readonly string[]): Subject {
  const lengthBytes = integerParameter(parameters, 0);
  const descriptors = integerParameter(parameters, 1);
  const hasRecords = integerParameter(parameters, 2) === 1;
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const log = new EventLog(hasRecords ? new Trace(false) : new SilentTrace(), SERVER);
  let interrupts = 0;
  const server = new PointToPointServer({
    space,
    memory: new CoarseMemory(SERVER, space, NO_OBSERVER),
    contextId: SERVER,
    log,
    locations: new LocationRegistry(),
    revision: 'current',
    deviations: deviationsOf((parameters[3] ?? 'fixed') as Profile),
    settings: { queueSizeLimit: 256, isPolling: false, trustedDataspaces: null },
    triggerInterrupt: () => (interrupts += 1),
    triggerOwnNotification: () => undefined,
  });
  if (!hasRecords) Object.assign(server.context, { watcher: new BlindWatcher(space, log, false) });
  server.start();
  const [sender, receiver] = [1, 2].map((context) => new DirectGuest(arena, server, context, lengthBytes, descriptors)) as [DirectGuest, DirectGuest];
  let number = 0;
  let check = 0;
  return {
    run: (count) => {
      for (let done = 0; done < count; done++) {
        sender.transmit(number++);
        if (sender.transmitQueue.wantsKick()) server.handleKick();
        check = receiver.receive(check);
        sender.reclaim();
      }
      if (server.ended !== 0) throw new Error('frame: the server ended');
      return fold(check, interrupts);
    },
  };
}

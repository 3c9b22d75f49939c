// Who touches the contents of buffers while the device has them.
//
// virtio 2.7.5.1 (device: no stores into readable buffers, no loads from writable ones), 2.7.8.2 (device: what `len`
// covers is written before used.idx moves), 3.3.1 (driver: contents of readable buffers and indirect tables stay as
// they are). A device that reads back what it wrote itself depends on nothing the driver left there, so that counts as
// kept. Stores that drain late are publication-barrier.ts' matter; bytes of two buffers at once are nobody's.
import { agentOf, EVENT_LOAD, EVENT_STORE } from '../../sim/trace.js';
import { partOf, SERVER_AGENT } from './access-words.js';
import { BYTE_READABLE, BYTE_WRITABLE, BYTE_WRITTEN } from './exposed-buffers.js';
import { DERIVED_RETURNED, indexOf } from './link-state.js';
import { A, B, BY_ACCESS, C, F, type RuleContext, type RuleDefinition } from './rule.js';

const DATASPACE_MASK = 0xff;

/** Port to which the memory of an access belongs: the one that registered its dataspace, -1 if none did. */
function ownerOf(context: RuleContext, dataspace: number): number {
  const { state } = context;
  for (let port = 0; port < state.portCount; port++) {
    const portState = state.ports[port]!;
    for (let region = 0; region < portState.regionCount; region++) if (portState.regionDataspace[region] === dataspace) return port;
  }
  return -1;
}

const WRITES_READABLE = 0;
const READS_WRITABLE = 1;

/** The device uses buffers in the direction they were given for. */
export const bufferDirection: RuleDefinition = {
  ...BY_ACCESS,
  breaksRing: 'device',
  id: 'buffer-direction',
  title: 'The device stores nothing into readable buffers and loads nothing from writable ones but what it stored itself.',
  clauses: ['SPLIT-DEV-2.7.5.1-1', 'SPLIT-DEV-2.7.5.1-2'],
  actor: 'device',
  create(context) {
    const { exposed } = context.state;

    const report = (clause: number, dataspace: number, wrongAt: number, verb: string, kind: string): void => {
      const port = ownerOf(context, dataspace);
      if (port < 0) return;
      context.violated(clause, port, 'device', {
        message: `The device ${verb} memory of port ${port} that the driver gave it for ${kind}.`,
        expected: clause === WRITES_READABLE ? 'stores into writable buffers only' : 'loads from readable buffers only',
        seen: `byte 0x${wrongAt.toString(16)} of dataspace ${dataspace} ${clause === WRITES_READABLE ? 'stored' : 'loaded'}`,
        evidence: { dataspace, offset: wrongAt },
      });
    };

    return {
      on: [
        [
          EVENT_STORE,
          (words, at) => {
            if (agentOf(words, at) !== SERVER_AGENT || partOf(words[at + A]!) !== 0) return;
            const dataspace = words[at + A]! & DATASPACE_MASK;
            const wrongAt = exposed.find(dataspace, words[at + B]!, words[at + C]!, BYTE_READABLE);
            if (wrongAt >= 0) report(WRITES_READABLE, dataspace, wrongAt, 'wrote to', 'reading');
            if (exposed.find(dataspace, words[at + B]!, words[at + C]!, BYTE_WRITTEN) < 0) return;
            const port = ownerOf(context, dataspace);
            if (port >= 0) context.held(WRITES_READABLE, port);
          },
        ],
        [
          EVENT_LOAD,
          (words, at) => {
            if (agentOf(words, at) !== SERVER_AGENT || partOf(words[at + A]!) !== 0) return;
            const dataspace = words[at + A]! & DATASPACE_MASK;
            const wrongAt = exposed.find(dataspace, words[at + B]!, words[at + C]!, BYTE_WRITABLE);
            if (wrongAt >= 0) return report(READS_WRITABLE, dataspace, wrongAt, 'read', 'writing');
            const port = ownerOf(context, dataspace);
            if (port >= 0) context.held(READS_WRITABLE, port);
          },
        ],
      ],
    };
  },
};

/** What the device says it wrote, it wrote. */
export const bufferComplete: RuleDefinition = {
  ...BY_ACCESS,
  memories: ['sc'],
  id: 'buffer-complete',
  title: 'The device has written the first `len` bytes of a buffer before it moves used.idx.',
  clauses: ['SPLIT-DEV-2.7.8.2-2'],
  actor: 'device',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          DERIVED_RETURNED,
          () => {
            const { queue, id, lengthBytes, wasTaken } = state.returned;
            if (!wasTaken || lengthBytes === 0) return;
            const missing = state.exposed.firstUnwritten(indexOf(queue), id, lengthBytes);
            if (missing < 0) return context.held(0, queue.port);
            context.violated(0, queue.port, 'device', {
              message: `The device returned chain ${id} of queue ${queue.queue} before it had written what \`len\` covers.`,
              expected: `${lengthBytes} bytes written`,
              seen: `byte ${missing} not written`,
              evidence: { queue: queue.queue, head: id, lengthBytes, missing },
            });
          },
        ],
      ],
    };
  },
};

/** The driver leaves alone what the device may be reading. */
export const exposedContents: RuleDefinition = {
  ...BY_ACCESS,
  breaksRing: 'driver',
  id: 'exposed-contents',
  title: 'The driver leaves the contents of readable buffers and indirect tables alone until they come back.',
  clauses: ['CLEANUP-DRV-3.3.1-1'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    const { exposed } = state;
    return {
      on: [
        [
          EVENT_STORE,
          (words, at) => {
            if (agentOf(words, at) === SERVER_AGENT || partOf(words[at + A]!) !== 0) return;
            const { memory } = context.configuration();
            if (words[at + F] !== 0 && (memory === 'pso' || memory === 'relaxed')) return;
            const dataspace = words[at + A]! & DATASPACE_MASK;
            const wrongAt = exposed.find(dataspace, words[at + B]!, words[at + C]!, BYTE_READABLE);
            const port = ownerOf(context, dataspace);
            if (port < 0) return;
            if (wrongAt < 0) return context.held(0, port);
            context.violated(0, port, 'driver', {
              message: 'The driver wrote into a buffer or an indirect table that the device has for reading.',
              expected: 'the contents unchanged until the device returns the chain',
              seen: `a store of ${words[at + C]!} bytes at 0x${words[at + B]!.toString(16)} of dataspace ${dataspace}`,
              evidence: { dataspace, offset: words[at + B]!, exposed: wrongAt },
            });
          },
        ],
      ],
    };
  },
};

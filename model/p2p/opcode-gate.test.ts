// Messages by opcode: the two tables of l4virtio-transport sheet §4, in both revisions.
import { expect, test } from 'vitest';
import { NO_OBSERVER } from '../../sim/access-observer.js';
import { AddressSpace } from '../../sim/address-space.js';
import { Arena } from '../../sim/arena.js';
import { CoarseMemory } from '../../sim/coarse-memory.js';
import { type Gate, NEVER } from '../../sim/gate.js';
import { ResumableMemory } from '../../sim/resumable-memory.js';
import { Trace } from '../../sim/trace.js';
import { EventLog } from '../event-log.js';
import { EBADPROTO, EINVAL, EIO, EMSGTOOSHORT, ENOREPLY, ENOSYS, ERANGE } from '../l4/errors.js';
import { LocationRegistry } from '../locations.js';
import type { TransportRevision } from '../transport/layout.js';
import { answerMessage, type CapabilityItem, CONTROLLER_INTERRUPTS } from './opcode-gate.resumable.js';
import { deviationsOf } from './quirks.js';
import { PointToPointServer } from './server.resumable.js';
import { drive } from './vector-server.js';

const DEVICE = 0;
const CONTROLLER = -1;

/** A server with a client on port 0; answers messages in a row. */
function bench(revision: TransportRevision) {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const gate: Gate = { countdown: NEVER, interleave: () => undefined, cutOf: () => 0 };
  const server = new PointToPointServer({
    ...{ space, contextId: 0, locations: new LocationRegistry(), revision, deviations: deviationsOf('faithful') },
    memory: new ResumableMemory(new CoarseMemory(0, space, NO_OBSERVER), gate),
    log: new EventLog(new Trace(false), 0),
    settings: { queueSizeLimit: 8, isPolling: false, trustedDataspaces: null },
    triggerInterrupt: () => undefined,
    triggerOwnNotification: () => undefined,
  });
  drive(server.start(), gate);
  drive(server.create(0, []), gate);
  const dataspace: CapabilityItem = { kind: 'dataspace', dataspace: arena.createDataspace(4096), rights: 3 };
  const send = (protocol: number, words: number[], item: CapabilityItem | null = null): number =>
    drive(answerMessage(server, 0, { protocol, words, item }), gate);
  return { server, send, dataspace };
}

const INTERRUPT: CapabilityItem = { kind: 'interrupt' };
const VOID: CapabilityItem = { kind: 'void' };
const REGION = [3, 0x10000, 0, 0, 0, 4096, 0];

test('the device operations of the current revision', () => {
  const { send, dataspace, server } = bench('current');

  expect([send(DEVICE, [0, 3]), send(DEVICE, [0])]).toEqual([0, -EMSGTOOSHORT]);
  expect(server.ports[0].status).toBe(3);
  expect([send(DEVICE, [1, 0]), send(DEVICE, [1, 2]), send(DEVICE, [1])]).toEqual([0, -ERANGE, -EMSGTOOSHORT]);
  expect(send(DEVICE, [2], INTERRUPT)).toBe(-ENOSYS); // register_iface is gone
  expect([send(DEVICE, REGION), send(DEVICE, REGION.slice(0, 6), dataspace)]).toEqual([-EMSGTOOSHORT, -EMSGTOOSHORT]);
  expect([send(DEVICE, REGION, VOID), send(DEVICE, REGION, dataspace)]).toEqual([-EINVAL, 0]);
  expect([send(DEVICE, [4]), send(DEVICE, [5, 0]), send(DEVICE, [5, 1]), send(DEVICE, [5])]).toEqual([0, 0, -ENOSYS, -EMSGTOOSHORT]);
  expect(send(DEVICE, [6])).toBe(-ENOSYS);
});

test('config_queue before ACKNOWLEDGE and DRIVER is refused', () => {
  expect(bench('current').send(DEVICE, [1, 0])).toBe(-EIO);
});

test('the interrupt controller of the current revision', () => {
  const { send } = bench('current');

  expect([send(CONTROLLER, [0, 0]), send(CONTROLLER, [0], INTERRUPT)]).toEqual([-EMSGTOOSHORT, -EMSGTOOSHORT]);
  expect([send(CONTROLLER, [0, 1], INTERRUPT), send(CONTROLLER, [0, 0], VOID), send(CONTROLLER, [0, 0], INTERRUPT)]).toEqual([-ERANGE, -EINVAL, 0]);
  expect([1, 3, 5, 6].map((opcode) => send(CONTROLLER, [opcode]))).toEqual([-ENOSYS, -ENOSYS, -ENOSYS, -ENOSYS]);
  expect([send(CONTROLLER, [2]), send(CONTROLLER, [4])]).toEqual([CONTROLLER_INTERRUPTS, -ENOREPLY]);
});

test('the older revision has register_iface instead of page, notification object and binding', () => {
  const { send, server } = bench('seed');

  expect([send(DEVICE, [2]), send(DEVICE, [2], VOID), send(DEVICE, [2], INTERRUPT)]).toEqual([-EMSGTOOSHORT, -EINVAL, 0]);
  expect(server.ports[0].hasInterrupt).toBe(true);
  expect([send(DEVICE, [4]), send(DEVICE, [5, 0]), send(CONTROLLER, [0, 0], INTERRUPT)]).toEqual([-ENOSYS, -ENOSYS, -EBADPROTO]);
});

test('other protocols and empty messages are refused', () => {
  const { send } = bench('current');

  expect([send(7, [0, 0]), send(DEVICE, []), send(CONTROLLER, [])]).toEqual([-EBADPROTO, -EMSGTOOSHORT, -EMSGTOOSHORT]);
});

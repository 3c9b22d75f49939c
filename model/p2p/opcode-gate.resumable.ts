// Messages to a device gate as the wire has them: protocol label, opcode, words, capability item.
//
// Follows l4virtio-transport sheet §4: which opcodes exist in a revision and what is answered to all others.
// Too few words or a missing item is found before the operation begins. Clients of the driver contract come in
// by operation name instead (server-agent.ts); both end at the same entry points.
import type { Dataspace } from '../../sim/arena.js';
import type { Resume } from '../../sim/flow.resumable.js';
import { EBADPROTO, EINVAL, EMSGTOOSHORT, ENOREPLY, ENOSYS } from '../l4/errors.js';
import {
  CONTROLLER_BIND,
  CONTROLLER_INFO,
  CONTROLLER_UNMASK,
  OPERATION_CONFIGURE_QUEUE,
  OPERATION_DEVICE_CONFIG,
  OPERATION_NOTIFICATION_INTERRUPT,
  OPERATION_REGISTER_DATASPACE,
  OPERATION_REGISTER_INTERFACE,
  OPERATION_SET_STATUS,
  PROTOCOL_DEVICE,
  PROTOCOL_INTERRUPT_CONTROLLER,
} from '../transport/layout.js';
import type { PointToPointServer } from './server.resumable.js';

/** What a message carries besides words. */
export type CapabilityItem =
  /** An item was sent but no capability arrived. */
  | { readonly kind: 'void' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'dataspace'; readonly dataspace: Dataspace; readonly rights: number };

/** A message as it arrives. */
export interface GateMessage {
  /** Protocol label: 0 device, -1 interrupt controller. */
  readonly protocol: number;
  /** Opcode and arguments, 32 bits each; 64-bit arguments as low and high word. */
  readonly words: readonly number[];
  /** Capability item; null if the message has none. */
  readonly item: CapabilityItem | null;
}

/** Interrupts the controller protocol reports. */
export const CONTROLLER_INTERRUPTS = 1;

/** Answers a message to the gate of `port`: 0, the value of the info operation, or a negative error number. */
export function* answerMessage(server: PointToPointServer, port: number, message: GateMessage): Resume<number> {
  const { protocol, words } = message;
  if (protocol !== PROTOCOL_DEVICE && protocol !== PROTOCOL_INTERRUPT_CONTROLLER) return -EBADPROTO;
  if (words.length === 0) return -EMSGTOOSHORT;
  if (protocol === PROTOCOL_INTERRUPT_CONTROLLER) return answerController(server, port, message);
  return yield* answerDevice(server, port, message);
}

function* answerDevice(server: PointToPointServer, port: number, { words, item }: GateMessage): Resume<number> {
  const [opcode = 0, argument = 0] = words;
  const isOlder = server.layout.hasRegisterInterface;
  switch (opcode) {
    case OPERATION_SET_STATUS:
      return words.length < 2 ? -EMSGTOOSHORT : yield* server.setStatus(port, argument);
    case OPERATION_CONFIGURE_QUEUE:
      return words.length < 2 ? -EMSGTOOSHORT : yield* server.configQueue(port, argument);
    case OPERATION_REGISTER_DATASPACE:
      return registerDataspace(server, port, words, item);
    case OPERATION_REGISTER_INTERFACE:
      if (!isOlder) return -ENOSYS;
      return item === null ? -EMSGTOOSHORT : server.registerInterface(port, item.kind === 'interrupt');
    case OPERATION_DEVICE_CONFIG:
      return server.deviceConfig(port);
    case OPERATION_NOTIFICATION_INTERRUPT:
      return words.length < 2 && !isOlder ? -EMSGTOOSHORT : server.notificationIrq(port, argument);
    default:
      return -ENOSYS;
  }
}

function answerController(server: PointToPointServer, port: number, { words, item }: GateMessage): number {
  const [opcode, index = 0] = words;
  if (server.layout.hasRegisterInterface) return -EBADPROTO;
  switch (opcode) {
    case CONTROLLER_BIND:
      return words.length < 2 || item === null ? -EMSGTOOSHORT : server.bindInterrupt(port, index, item.kind === 'interrupt');
    case CONTROLLER_INFO:
      return CONTROLLER_INTERRUPTS;
    case CONTROLLER_UNMASK:
      return -ENOREPLY;
    default:
      return -ENOSYS;
  }
}

function registerDataspace(server: PointToPointServer, port: number, words: readonly number[], item: CapabilityItem | null): number {
  if (words.length < 7 || item === null) return -EMSGTOOSHORT;
  if (item.kind !== 'dataspace') return -EINVAL;
  const [, baseLow = 0, baseHigh = 0, offsetLow = 0, offsetHigh = 0, sizeLow = 0, sizeHigh = 0] = words;
  const { dataspace, rights } = item;
  return server.registerDataspace(port, { dataspace, rights, baseLow, baseHigh, offsetLow, offsetHigh, sizeLow, sizeHigh });
}

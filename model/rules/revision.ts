// A driver that speaks the other revision of the transport gets one finding, not a flood.
//
// l4virtio-transport sheet §14: register_iface exists only in the older revision, device_config, the fetching
// of the notification interrupt and the binding of the driver's only in the current one. After the finding the
// engine leaves everything else about this port open.
import { CONTROL_CALL } from '../events.js';
import { CONTROLLER_BIND, OPERATION_DEVICE_CONFIG, OPERATION_NOTIFICATION_INTERRUPT, OPERATION_REGISTER_INTERFACE } from '../transport/layout.js';
import { A, AT_ONCE, B, D, type RuleDefinition } from './rule.js';

const BIND = 256 + CONTROLLER_BIND;
const OF_SEED: readonly number[] = [OPERATION_REGISTER_INTERFACE];
const OF_CURRENT: readonly number[] = [OPERATION_DEVICE_CONFIG, OPERATION_NOTIFICATION_INTERRUPT, BIND];

/** The driver speaks the revision of the device. */
export const revision: RuleDefinition = {
  ...AT_ONCE,
  id: 'revision',
  title: 'The driver speaks the revision of the transport interface that the device speaks.',
  clauses: ['L4V-REVISION'],
  actor: 'driver',
  create(context) {
    const { state } = context;
    return {
      on: [
        [
          CONTROL_CALL,
          (words, at) => {
            const port = words[at + A]!;
            const opcode = words[at + B]!;
            const isSeed = context.configuration().revision === 'seed';
            const own = isSeed ? OF_SEED : OF_CURRENT;
            const other = isSeed ? OF_CURRENT : OF_SEED;
            if (own.includes(opcode)) return context.held(0, port);
            if (!other.includes(opcode) || words[at + D] === 0) return;
            context.violated(0, port, 'driver', {
              message: isSeed
                ? 'The driver speaks the current revision of the transport, the device the older one; nothing else about it was judged.'
                : 'The driver speaks the older revision of the transport, the device the current one; nothing else about it was judged.',
              expected: isSeed ? 'register_iface for interrupt and config page' : 'device_config and a bound interrupt',
              seen: `operation ${opcode}, which this revision does not have`,
              evidence: { opcode, result: words[at + D]! },
            });
            state.portOf(port).speaksOtherRevision = true;
          },
        ],
      ],
    };
  },
};

// What a driver writes to and reads from the config page outside of feature words and queue entries.
//
// virtio 2.5.1, 3.1.1, 5.1.4.2; l4virtio-transport sheet §2 (owners of fields) and §8 (command word).
import { DEVICE_STATUS, MEMORY_REGISTERED, REGISTER_READ, REGISTER_WRITE } from '../events.js';
import { ENOMEM } from '../l4/errors.js';
import { CONFIG_OFFSET, STATUS_DRIVER_OK, STATUS_FEATURES_OK, netQueueEntry } from '../transport/layout.js';
import type { LinkState } from './link-state.js';
import { A, AT_ONCE, B, C, D, type RuleDefinition, type RuleContext, type RuleHandlers } from './rule.js';

const NO_CONFIG_WRITE = 0;
const NO_CONFIG_WRITE_IN_STEP = 1;
const FIELD_OFFERED = 2;
const DEVICE_FIELDS = 3;
const ONE_COMMAND = 4;
const COMMAND_OFFERED = 5;
const FEW_REGIONS = 6;

/** Fields behind the MAC: offset in the device config and the feature that makes them exist. */
const OPTIONAL_FIELDS = [
  { offset: 6, bit: 16, name: 'status' },
  { offset: 8, bit: 22, name: 'max_virtqueue_pairs' },
  { offset: 10, bit: 3, name: 'mtu' },
] as const;
/** Words of the header that only the device writes. */
const DEVICE_WORDS: readonly number[] = [
  CONFIG_OFFSET.magic,
  CONFIG_OFFSET.version,
  CONFIG_OFFSET.device,
  CONFIG_OFFSET.vendor,
  CONFIG_OFFSET.queueCount,
  CONFIG_OFFSET.queuesOffset,
  CONFIG_OFFSET.status,
  CONFIG_OFFSET.generation,
];

/** The driver writes only its own fields and uses the command word one command at a time. */
export const pageWrites: RuleDefinition = {
  ...AT_ONCE,
  id: 'page-writes',
  title: 'The driver writes no device field of the config page, reads only fields that exist, and gives one command at a time.',
  clauses: ['NET-DRV-5.1.4.2-1', 'INIT-DRV-3.1.1-6', 'CFG-DRV-2.5.1-4', 'L4V-PAGE-OWNER', 'L4V-CMD-WORD', 'L4V-CMD-OFFERED', 'L4V-REGIONS'],
  actor: 'driver',
  create: (context) => new PageWritesJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class PageWritesJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [REGISTER_WRITE, (words, at) => this.wrote(words[at + A]!, words[at + B]!, words[at + D]!)],
        [REGISTER_READ, (words, at) => this.read(words[at + A]!, words[at + B]!)],
        [
          DEVICE_STATUS,
          (words, at) => {
            if ((words[at + B]! & ~this.state.previousStatus & STATUS_DRIVER_OK) === 0) return;
            for (const clause of [NO_CONFIG_WRITE, NO_CONFIG_WRITE_IN_STEP, DEVICE_FIELDS]) this.context.held(clause, words[at + A]!);
          },
        ],
        [
          MEMORY_REGISTERED,
          (words, at) => {
            const port = words[at + A]!;
            const { regionCount, regionLimit } = this.state.portOf(port);
            if (words[at + B] === 0) return this.context.held(FEW_REGIONS, port);
            if (words[at + B] !== ENOMEM || regionCount < regionLimit) return;
            const seen = `one more than ${regionLimit}`;
            this.violated(
              FEW_REGIONS,
              port,
              'The driver registered more memory regions than its port was created for.',
              `at most ${regionLimit} regions`,
              seen,
              {
                regionLimit,
                size: words[at + C]!,
              },
            );
          },
        ],
      ],
    };
  }

  private violated(clause: number, port: number, message: string, expected: string, seen: string, evidence: Record<string, number>): void {
    this.context.violated(clause, port, 'driver', { message, expected, seen, evidence });
  }

  private command(port: number, value: number): void {
    if (value === 0) return;
    const lastWord = this.state.layout.featureWords - 1;
    const isOffered = (this.state.portOf(port).offered[lastWord]! & (1 << (this.state.layout.commandFeature & 31))) !== 0;
    if (isOffered) this.context.held(COMMAND_OFFERED, port);
    else
      this.violated(
        COMMAND_OFFERED,
        port,
        'The driver used the command word although the device does not offer it.',
        'IPC',
        `command 0x${value.toString(16)}`,
        {
          value,
        },
      );
    if (!this.state.previousCommandPending) return this.context.held(ONE_COMMAND, port);
    this.violated(
      ONE_COMMAND,
      port,
      'The driver wrote a command while the one before it was still pending.',
      'a command word that reads 0',
      `command 0x${value.toString(16)}`,
      { value },
    );
  }

  private wrote(port: number, offset: number, value: number): void {
    if (offset === CONFIG_OFFSET.command) return this.command(port, value);
    const { deviceFeaturesMap, featureWords } = this.state.layout;
    if (offset >= CONFIG_OFFSET.deviceConfig && offset < netQueueEntry(0)) {
      const seen = `a write at offset ${offset - CONFIG_OFFSET.deviceConfig} of the device config`;
      this.violated(NO_CONFIG_WRITE, port, 'The driver wrote to the device config, which is read-only.', 'no write', seen, { offset, value });
      if ((this.state.portOf(port).status & STATUS_FEATURES_OK) === 0) {
        this.violated(NO_CONFIG_WRITE_IN_STEP, port, 'The driver wrote to the device config before FEATURES_OK.', 'no write', seen, { offset, value });
      }
      return;
    }
    const isOffer = offset >= deviceFeaturesMap && offset < deviceFeaturesMap + 4 * featureWords;
    if (isOffer || DEVICE_WORDS.includes(offset)) {
      this.violated(
        DEVICE_FIELDS,
        port,
        'The driver wrote a field of the config page that belongs to the device.',
        'no write',
        `a write at 0x${offset.toString(16)}`,
        { offset, value },
      );
    }
  }

  private read(port: number, offset: number): void {
    const place = offset - CONFIG_OFFSET.deviceConfig;
    for (const field of OPTIONAL_FIELDS) {
      if (place < field.offset || place > field.offset + 1) continue;
      if ((this.state.portOf(port).offered[0]! & (1 << field.bit)) !== 0) this.context.held(FIELD_OFFERED, port);
      else
        this.violated(
          FIELD_OFFERED,
          port,
          `The driver read ${field.name}, which exists only with a feature that is not offered.`,
          `feature ${field.bit} offered`,
          'a read of the field',
          { offset: place },
        );
    }
    if (place >= 0 && place < 6) this.context.held(FIELD_OFFERED, port);
  }
}

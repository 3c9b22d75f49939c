// Mutants of the server: status, negotiation, configuration, registration. Each is one change to a part of the corrected server.
import type { Resume } from '../../sim/flow.resumable.js';
import { CAUSE_DEVICE_ERROR, PROBLEM_BAD_SIZE } from '../events.js';
import { NET_FEATURE_GUEST_CHECKSUM, NET_FEATURE_GUEST_TSO4, NET_HEADER_BYTES } from '../net/header.js';
import { ConfigPage } from '../transport/config-page.resumable.js';
import { INTERRUPT_CONFIG, STATUS_DRIVER_OK } from '../transport/layout.js';
import { RegionList, type RegistrationRequest } from '../transport/regions.js';
import { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { DESCRIPTOR_BYTES, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { EndPoint, FAILED, PIECE } from './end-point.resumable.js';
import { Pipe } from './pipe.resumable.js';
import { Port } from './port.resumable.js';
import type { ServerFault } from './server-parts.resumable.js';

/** Mutants of the control side. */
export const CONTROL_FAULTS: readonly ServerFault[] = [
  {
    id: 'dev-serves-before-ready',
    title: 'frames pass as soon as the queues are set up, whatever the status says',
    source: 'Q18, D8, known bug 89',
    kills: ['before-driver-ok'],
    patch: {
      Pipe: class extends Pipe {
        override get isReady(): boolean {
          return this.transmit.queue.isReady && this.receive.queue.isReady;
        }
      },
    },
  },
  {
    id: 'dev-serves-after-reset',
    title: 'a reset leaves the queues in use',
    source: 'known bug 89, RESET-DEV-2.4.1-3',
    kills: ['before-driver-ok', 'used-elements'],
    patch: {
      Port: class extends Port {
        protected override *takeQueuesDown(_cause: number): Resume<void> {
          yield* this.config.resetEntries();
        }
      },
    },
  },
  {
    id: 'dev-no-needs-reset',
    title: 'a device that cannot go on does not say so in its status',
    source: 'STATUS-DEV-2.1.2-3',
    kills: ['device-failure'],
    patch: {
      Port: class extends Port {
        override *fail(): Resume<void> {
          yield* this.takeQueuesDown(CAUSE_DEVICE_ERROR);
          yield* this.raiseInterrupt(INTERRUPT_CONFIG);
        }
      },
    },
  },
  {
    id: 'dev-fails-silently',
    title: 'a device that cannot go on sends no configuration interrupt',
    source: 'STATUS-DEV-2.1.2-4, OPER-DEV-3.2.1-2',
    kills: ['device-failure'],
    patch: {
      Port: class extends Port {
        override *raiseInterrupt(bits: number): Resume<void> {
          if (bits !== INTERRUPT_CONFIG) yield* super.raiseInterrupt(bits);
        }
      },
    },
  },
  {
    id: 'dev-reset-keeps-status',
    title: 'a reset leaves ACKNOWLEDGE in the status',
    source: 'RESET-DEV-2.4.1-1',
    kills: ['before-driver-ok'],
    patch: {
      Port: class extends Port {
        protected override *publishStatus(status: number, cause: number): Resume<void> {
          yield* super.publishStatus(status === 0 && this.isConnected ? 1 : status, cause);
        }
      },
    },
  },
  {
    id: 'dev-features-survive-reset',
    title: 'the feature words of the driver survive a reset',
    source: 'T5',
    kills: ['fresh-page'],
    patch: {
      Page: class extends ConfigPage {
        override *clearDriverFeatures(): Resume<void> {}
      },
    },
  },
  {
    id: 'dev-mac-of-predecessor',
    title: 'a client without a MAC is offered that of its predecessor',
    source: 'Q20',
    kills: ['fresh-page'],
    patch: {
      Port: class extends Port {
        override *disconnect(): Resume<void> {
          const offered = this.offered[0]!;
          yield* super.disconnect();
          this.offered[0] = offered;
        }
      },
    },
  },
  {
    id: 'dev-refuses-a-subset',
    title: 'the device refuses drivers that do not accept everything it offers',
    source: 'FEAT-DEV-2.2.2-2',
    kills: ['offered-features'],
    patch: {
      Port: class extends Port {
        protected override isAcceptable(first: number, second: number): boolean {
          return super.isAcceptable(first, second) && first === this.offered[0];
        }
      },
    },
  },
  {
    id: 'dev-forgets-accepted-set',
    title: 'the device refuses a feature set after a reset that it accepted before',
    source: 'FEAT-DEV-2.2.2-5',
    kills: ['offered-features'],
    patch: {
      Port: class extends Port {
        private checks = 0;

        protected override isAcceptable(first: number, second: number): boolean {
          return super.isAcceptable(first, second) && ++this.checks !== 2;
        }
      },
    },
  },
  {
    id: 'dev-refuses-table',
    title: 'indirect tables of two entries are refused',
    source: 'known bug 57',
    kills: ['sound-refusal'],
    patch: {
      EndPoint: class extends EndPoint {
        protected override *enterTable(): Resume<boolean> {
          return this.lengthBytes === 2 * DESCRIPTOR_BYTES ? this.fail(PROBLEM_BAD_SIZE) !== FAILED : yield* super.enterTable();
        }
      },
    },
  },
  {
    id: 'dev-offer-without-prerequisite',
    title: 'the device offers GUEST_TSO4 where it does not offer GUEST_CSUM',
    source: 'FEAT-DEV-2.2.2-1, mistake 9',
    kills: ['offered-features'],
    patch: {
      Port: class extends Port {
        override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
          const lacksChecksum = (this.offered[0]! & (1 << NET_FEATURE_GUEST_CHECKSUM)) === 0;
          if (lacksChecksum) this.offered[0]! |= 1 << NET_FEATURE_GUEST_TSO4;
          yield* this.config.writeHeader(this.offered);
          yield* super.connect(capacity, mac);
        }
      },
    },
  },
  {
    id: 'dev-offers-reserved-bit',
    title: 'the device offers the reserved bit 30',
    source: 'RSVD-DEV-6.2',
    kills: ['offered-features'],
    patch: {
      Port: class extends Port {
        override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
          this.offered[0]! |= 1 << 30;
          yield* this.config.writeHeader(this.offered);
          yield* super.connect(capacity, mac);
        }
      },
    },
  },
  {
    id: 'dev-no-version-1',
    title: 'the device does not offer VERSION_1',
    source: 'known bug 75 seen from the device, RSVD-DEV-6.2-1',
    kills: ['offered-features'],
    patch: {
      Port: class extends Port {
        override *connect(capacity: number, mac: Uint8Array | null): Resume<void> {
          this.offered[1] = 0;
          yield* this.config.writeHeader(this.offered);
          yield* super.connect(capacity, mac);
        }
      },
    },
  },
  {
    id: 'dev-size-limit-after-reset',
    title: 'after a reset the largest queue size reads 0',
    source: 'known bug 111',
    kills: ['fresh-page'],
    patch: {
      Page: class extends ConfigPage {
        private resets = 0;

        override *resetEntries(): Resume<void> {
          yield* super.resetEntries();
          if (this.resets++ > 0) yield* this.context.memory.store16(this.entryOf(1), 0);
        }
      },
    },
  },
  {
    id: 'dev-regions-cut',
    title: 'the size of a registered region is cut to 16 bits',
    source: 'known bug 113',
    kills: ['sound-refusal', 'device-requests'],
    patch: {
      Regions: class extends RegionList {
        override register(request: RegistrationRequest): number {
          return super.register({ ...request, sizeLow: request.sizeLow & 0xffff || 0x10000 });
        }
      },
    },
  },
  {
    id: 'dev-keeps-departed-frame',
    title: 'the memory of a client that left is used on',
    source: 'Q3, known bug 95',
    kills: ['server-fate'],
    patch: {
      Pipe: class extends Pipe {
        override senderWentDown(_cause: number): void {}

        override receiverWentDown(_cause: number): void {}
      },
    },
  },
  {
    id: 'dev-crash-on-odd-length',
    title: 'the server reads beyond a frame whose length is odd',
    source: 'P2P-INV-6',
    kills: ['server-fate'],
    patch: {
      Pipe: class extends Pipe {
        protected override *moveChunk(): Resume<void> {
          if ((this.transmit.left & 1) !== 0) yield* this.context.memory.load8(0);
          yield* super.moveChunk();
        }
      },
    },
  },
  {
    id: 'dev-hangs-on-full',
    title: 'the server waits for receive buffers in its handler',
    source: 'P2P-INV-7',
    kills: ['server-fate'],
    patch: {
      Queue: class extends DeviceQueue {
        override *take(): Resume<number> {
          for (;;) {
            const head = yield* super.take();
            if (head >= 0 || this.number !== 0) return head;
            this.context.countDescriptorRead();
          }
        }
      },
    },
  },
  {
    id: 'dev-command-twice',
    title: 'a command is carried out twice before it is acknowledged',
    source: 'known bug 107',
    kills: ['device-requests'],
    patch: {
      Page: class extends ConfigPage {
        private calls = 0;

        override *clearCommand(): Resume<void> {
          if (++this.calls % 2 === 0) yield* super.clearCommand();
        }
      },
    },
  },
  {
    id: 'dev-features-taken-twice',
    title: 'the device takes the features anew at DRIVER_OK, and forgets one of them',
    source: 'D10, FEAT-DEV-2.2-1',
    kills: ['fixed-features'],
    patch: {
      Page: class extends ConfigPage {
        private isLate = false;

        override *driverFeatures(word: number): Resume<number> {
          const features = yield* super.driverFeatures(word);
          const isSecond = this.isLate && word === 0;
          if (word === 1) this.isLate = true;
          return isSecond ? features & ~(1 << NET_FEATURE_GUEST_CHECKSUM) : features;
        }

        override *clearDriverFeatures(): Resume<void> {
          this.isLate = false;
          yield* super.clearDriverFeatures();
        }
      },
      Port: class extends Port {
        protected override *advanceStatus(requested: number): Resume<void> {
          if ((requested & STATUS_DRIVER_OK) !== 0) yield* this.acceptFeatures();
          yield* super.advanceStatus(requested);
        }
      },
    },
  },
  {
    id: 'dev-wants-header-apart',
    title: 'the device takes a frame only if its header lies in a descriptor of its own',
    source: 'D3, known bug 47, SPLIT-DEV-2.7.4.1-1',
    kills: ['message-framing'],
    patch: {
      EndPoint: class extends EndPoint {
        override *begin(): Resume<number> {
          const step = yield* super.begin();
          const isRefused = step === PIECE && this.queue.number === TRANSMIT_QUEUE && this.left !== NET_HEADER_BYTES;
          if (isRefused) this.head = 0;
          return isRefused ? this.fail(PROBLEM_BAD_SIZE) : step;
        }
      },
    },
  },
];

// What a driver read of the device config of one port, and the versions the device had.
//
// A window is what was read between two looks at the generation; the second look of one is the first of the next.
import { NET_CONFIG_MAC, NET_CONFIG_STATUS } from '../net/config.js';
import { CONFIG_OFFSET } from '../transport/layout.js';
import { NONE } from './queue-state.js';

/** Bytes of the config that are followed: MAC and status. */
const BYTES = NET_CONFIG_STATUS + 2;
/** Words of a version: status, MAC low, MAC high. */
const VERSION_WORDS = 3;
/** Largest number of bytes a driver may take for read at once. */
const ATOMIC_BYTES = 4;

/** Reads and versions of one port. */
export class ConfigReads {
  /** Generation before and after the window, NONE while not read. */
  before = NONE;
  after = NONE;
  /** The status field as it was read last, NONE before. */
  lastStatus = NONE;
  private readonly bytes = new Uint8Array(BYTES);
  private readonly isRead = new Uint8Array(BYTES);
  private readCount = 0;
  private versions: number[] = [];

  /** Another client: nothing was read, nothing shown. */
  reset(): void {
    this.versions.length = 0;
    this.lastStatus = NONE;
    this.before = NONE;
    this.used();
  }

  /** The device shows another version. */
  changed(status: number, low: number, high: number): void {
    this.versions.push(status, low, high);
  }

  /** Versions there were. */
  get versionCount(): number {
    return this.versions.length / VERSION_WORDS;
  }

  /** A read of the page by the driver. */
  read(offset: number, sizeBytes: number, value: number): void {
    if (offset === CONFIG_OFFSET.generation) {
      if (this.readCount === 0) this.before = value;
      else if (this.after === NONE) this.after = value;
      else this.begin(value);
      return;
    }
    const start = offset - CONFIG_OFFSET.deviceConfig;
    if (start < 0 || start >= BYTES) return;
    if (this.after !== NONE) this.begin(this.after);
    for (let at = 0; at < sizeBytes && at < 4 && start + at < BYTES; at++) {
      this.bytes[start + at] = (value >>> (8 * at)) & 0xff;
      this.isRead[start + at] = 1;
      this.readCount += 1;
    }
    if (this.isRead[NET_CONFIG_STATUS] === 1) this.lastStatus = this.bytes[NET_CONFIG_STATUS]! | (this.bytes[NET_CONFIG_STATUS + 1]! << 8);
  }

  /** The driver has made use of what it read. */
  used(): void {
    this.begin(this.after === NONE ? NONE : this.after);
  }

  /** True when the window holds more than can be read at once. */
  get isWide(): boolean {
    const hasStatus = this.isRead[NET_CONFIG_STATUS] === 1;
    return this.readCount > ATOMIC_BYTES || (hasStatus && this.isRead[NET_CONFIG_MAC] === 1);
  }

  /** True when both looks at the generation agree. */
  get isStable(): boolean {
    return this.before !== NONE && this.before === this.after;
  }

  /** True when everything in the window stood in the config at one time. */
  isOfOneVersion(): boolean {
    for (let at = 0; at < this.versions.length; at += VERSION_WORDS) if (this.matches(at)) return true;
    return false;
  }

  /** True when such a version was shown; a status of NONE stands for any. */
  hasVersion(isUp: number, low: number, high: number): boolean {
    const { versions } = this;
    for (let at = 0; at < versions.length; at += VERSION_WORDS) {
      if (versions[at + 1] === low && versions[at + 2] === high && (isUp === NONE || (versions[at]! & 1) === isUp)) return true;
    }
    return false;
  }

  /** The looks at the generation in words. */
  windowText(): string {
    if (this.before === NONE) return 'no look at the generation before';
    return this.after === NONE ? `generation ${this.before} before, no look after` : `generation ${this.before} before, ${this.after} after`;
  }

  private begin(before: number): void {
    this.before = before;
    this.after = NONE;
    this.readCount = 0;
    this.isRead.fill(0);
  }

  private matches(at: number): boolean {
    const [status, low, high] = [this.versions[at]!, this.versions[at + 1]!, this.versions[at + 2]!];
    for (let index = 0; index < BYTES; index++) {
      if (this.isRead[index] === 0 || index === NET_CONFIG_STATUS + 1) continue;
      const value = index < 4 ? low >>> (8 * index) : index < NET_CONFIG_STATUS ? high >>> (8 * (index - 4)) : status;
      if ((value & 0xff) !== this.bytes[index]) return false;
    }
    return true;
  }
}

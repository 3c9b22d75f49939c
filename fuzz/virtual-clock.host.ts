// Date, performance and process.hrtime on virtual time.
//
// Virtual time 0 lies at a fixed instant. Reading the clock costs nothing, so a loop that waits for Date to move never
// ends; guest.now() is the clock of the contract.

/** 2000-01-01T00:00:00Z, the instant at which virtual time 0 lies for Date. */
const EPOCH_MS = 946_684_800_000;

let nowNs: () => number = () => 0;

/** Says where the virtual time of the current run, in ns, is read. */
export function setVirtualClock(clock: () => number): void {
  nowNs = clock;
}

/** Stands in for `performance`. */
export const virtualPerformance = { now: (): number => nowNs() / 1e6, timeOrigin: EPOCH_MS };

/** Replaces the clocks of this thread. */
export function virtualizeClock(): void {
  const RealDate = Date;
  const nowMs = (): number => EPOCH_MS + Math.floor(nowNs() / 1e6);
  const VirtualDate = function (this: unknown, ...parts: unknown[]): Date | string {
    if (new.target === undefined) return new RealDate(nowMs()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [nowMs()] : parts, new.target) as Date;
  };
  Object.assign(VirtualDate, { now: nowMs, parse: RealDate.parse, UTC: RealDate.UTC });
  VirtualDate.prototype = RealDate.prototype;
  Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate });
  Object.defineProperty(globalThis, 'Date', { value: VirtualDate, configurable: false, writable: false });
  Object.defineProperty(globalThis, 'performance', { value: virtualPerformance, configurable: false, writable: false });
  const highResolutionTime = Object.assign(() => [Math.floor(nowNs() / 1e9), nowNs() % 1e9], { bigint: () => BigInt(nowNs()) });
  Object.defineProperty(process, 'hrtime', { value: highResolutionTime });
}

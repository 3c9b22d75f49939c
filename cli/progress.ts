// Progress on stderr: a bar on a terminal, a plain line now and then elsewhere, nothing when quiet.
import cliProgress from 'cli-progress';

/** Something that grows to a known total. */
export interface Progress {
  update(done: number): void;
  finish(): void;
}

/** Least time between two plain lines, in ms. */
const LINE_PERIOD_MS = 5_000;

const SILENT: Progress = { update: () => undefined, finish: () => undefined };

/** Progress towards `total` under a title; `unit` is what is counted. */
export function startProgress(title: string, total: number, isQuiet: boolean, unit = 'runs'): Progress {
  if (isQuiet) return SILENT;
  if (process.stderr.isTTY && process.env['CI'] === undefined) return startBar(title, total, unit);
  return startLines(title, total, unit);
}

function startBar(title: string, total: number, unit: string): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {value}/{total} ${unit}, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), finish: () => bar.stop() };
}

function startLines(title: string, total: number, unit: string): Progress {
  let last = performance.now();
  return {
    update(done) {
      if (performance.now() - last < LINE_PERIOD_MS) return;
      last = performance.now();
      process.stderr.write(`${title}: ${done} of ${total} ${unit}\n`);
    },
    finish: () => undefined,
  };
}

/** Progress of work whose size is not known: runs so far and the share that is done. */
export interface ShareProgress {
  update(runs: number, share: number): void;
  finish(): void;
}

/** Shows the share on stderr: on a terminal one line that is written over, elsewhere a line now and then. */
export function startShare(title: string, isQuiet: boolean): ShareProgress {
  if (isQuiet) return SILENT;
  const isLive = process.stderr.isTTY && process.env['CI'] === undefined;
  const periodMs = isLive ? 200 : LINE_PERIOD_MS;
  let last = performance.now();
  return {
    update(runs, share) {
      if (performance.now() - last < periodMs) return;
      last = performance.now();
      process.stderr.write(`${isLive ? '\r' : ''}${title}: ${runs} runs, ${Math.floor(share * 100)} %${isLive ? '  ' : '\n'}`);
    },
    finish: () => void (isLive && process.stderr.write('\r')),
  };
}

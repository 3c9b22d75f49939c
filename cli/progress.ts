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

/** Progress of `total` runs under a title. */
export function startProgress(title: string, total: number, isQuiet: boolean): Progress {
  if (isQuiet) return SILENT;
  if (process.stderr.isTTY && process.env['CI'] === undefined) return startBar(title, total);
  return startLines(title, total);
}

function startBar(title: string, total: number): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${title} {bar} {value}/{total} runs, {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), finish: () => bar.stop() };
}

function startLines(title: string, total: number): Progress {
  let last = performance.now();
  return {
    update(done) {
      if (performance.now() - last < LINE_PERIOD_MS) return;
      last = performance.now();
      process.stderr.write(`${title}: ${done} of ${total} runs\n`);
    },
    finish: () => undefined,
  };
}

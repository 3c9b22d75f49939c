// What Ctrl-C and SIGTERM do to long work.
import { EXIT_INTERRUPTED } from './exit-status.js';

/** The first signal ends the work with what was found, a second one ends it at once: repro files are on disk already. */
export function stopOnSignals(stop: () => void, isQuiet: boolean): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(EXIT_INTERRUPTED);
      isStopping = true;
      if (!isQuiet) process.stderr.write('stopping after the runs under way; once more to stop at once\n');
      stop();
    });
  }
}

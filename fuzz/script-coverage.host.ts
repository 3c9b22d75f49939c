// Which parts of a driver's own files were executed, as V8 counts it, from inside the thread the driver runs in.
//
// Counting begins before the driver is imported. Only files of the user's are told: neither ours nor packages nor Node's.
// Counting slows runs down and changes nothing else, so results and digests stay the same.
import { Session } from 'node:inspector';

/** The folder our own compiled files are in, as V8 names it. */
const OWN_FILES = new URL('..', import.meta.url).href;

/** What V8 says about one file; c8 reads it. */
export interface ScriptCoverage {
  readonly scriptId: string;
  readonly url: string;
  readonly functions: readonly unknown[];
}

/** Counts what is executed in this thread. */
export class CoverageCounter {
  private readonly session = new Session();

  /** Begins to count. */
  start(): void {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was executed of the user's files since the start; ends the counting. */
  take(): ScriptCoverage[] {
    let scripts: ScriptCoverage[] = [];
    // In a session of the own thread the answer comes before post() returns.
    this.session.post('Profiler.takePreciseCoverage', (_error, answer) => {
      scripts = (answer?.result ?? []).filter(({ url }) => isOfUser(url));
    });
    this.session.disconnect();
    return scripts;
  }
}

function isOfUser(url: string): boolean {
  return url.startsWith('file:') && !url.startsWith(OWN_FILES) && !url.includes('/node_modules/');
}

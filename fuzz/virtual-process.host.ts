// What a subject may not do to the thread and process it runs in, and where its printing goes.
//
// Ending the thread would lose the runs of a batch, a signal the whole check. Console output is handed over as text,
// because node delivers it only when the event loop turns, which it does not during runs.
import { formatWithOptions } from 'node:util';

const ENDINGS = ['exit', 'abort', 'kill', 'chdir'] as const;
const PRINTERS = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'table', 'group', 'groupCollapsed'] as const;

function refuse(name: string): () => never {
  const refusal = (): never => {
    const error = new Error(`process.${name} is not available to a driver: throw an Error to give up (driver contract)`);
    // The place to name is the driver's.
    Error.captureStackTrace(error, refusal);
    throw error;
  };
  return refusal;
}

/** Replaces the powers and the output of this thread. */
export function virtualizeProcess(print: (text: string) => void): void {
  for (const name of ENDINGS) Object.defineProperty(process, name, { value: refuse(name), configurable: true, writable: true });
  const line = (...parts: unknown[]): void => print(`${formatWithOptions({ colors: false }, ...parts)}\n`);
  Object.assign(console, Object.fromEntries(PRINTERS.map((name) => [name, line])));
  for (const stream of [process.stdout, process.stderr]) {
    Object.defineProperty(stream, 'write', {
      value: (chunk: unknown) => {
        print(chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : String(chunk));
        return true;
      },
    });
  }
}

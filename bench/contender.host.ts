// One contender of a contest: a child process that speaks the line protocol of subject-process.host.ts.
//
// A child that ends, or says something else, ends the bench with what it wrote on stderr: a measurement that did not
// happen must not look like one.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How to start a contender, or why that is impossible here. */
export type Command = { readonly file: string; readonly words: readonly string[] } | { readonly missing: string };

/** What a contender answered for one count. */
export interface Answer {
  readonly cpuNs: number;
  readonly check: number;
  /** Resident set of the process afterwards, in bytes; 0 if it does not tell. */
  readonly residentBytes: number;
}

/** Command that runs a subject of this folder, for example `subjects/queue-hold`, in a process of its own. */
export function subjectCommand(name: string, ...parameters: readonly (string | number)[]): Command {
  const entry = fileURLToPath(new URL('./subject-process.host.js', import.meta.url));
  return { file: process.execPath, words: [entry, name, ...parameters.map(String)] };
}

/** A running contender; requests are answered one at a time. */
export class Contender {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private readonly name: string;
  private complaint = '';

  constructor(name: string, file: string, words: readonly string[]) {
    this.name = name;
    this.child = spawn(file, words, { stdio: 'pipe' });
    this.child.stderr.on('data', (text: Buffer) => (this.complaint += text.toString()));
    this.child.on('error', (error) => (this.complaint += error.message));
    this.child.stdin.on('error', () => undefined);
    this.reader = createInterface({ input: this.child.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  /** Has the contender do `count` operations. */
  async run(count: number): Promise<Answer> {
    this.child.stdin.write(`${count}\n`);
    const next = await this.lines.next();
    const numbers = next.done === true ? [] : next.value.split(' ').map(Number);
    const [cpuNs, check, residentBytes] = numbers;
    if (cpuNs === undefined || check === undefined || numbers.some(Number.isNaN)) {
      throw new Error(`${this.name}: no answer for ${count} operations; it said: ${this.complaint.trim() || 'nothing'}`);
    }
    return { cpuNs, check, residentBytes: residentBytes ?? 0 };
  }

  /** Ends the process. */
  stop(): void {
    this.reader.close();
    this.child.stdin.end();
    this.child.kill();
  }
}

// The process of a native driver: started once per port, forked by its library for every run, spoken to in lock-step.
//
// Messages are eight 32-bit words each way over two pipes; exactly one side runs at a time. The process gets an empty
// standard output and no other files. What it does wrong (silence, garbage, its end) becomes an error for the driver; the
// whole process group is then killed. Wall-clock time only decides that it is silent.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Words of a message. */
export const MESSAGE_WORDS = 8;
const MESSAGE_BYTES = 4 * MESSAGE_WORDS;
/** Time a process may say nothing, in ms, when it is its turn. */
export const SILENCE_LIMIT_MS = 5000;
const BUFFER_BYTES = 1 << 16;
/** Readings without sleep before the reader sleeps between them. */
const EAGER_READINGS = 200;

/** Runs the command so that it is killed when the thread that started it ends, where that can be had. */
const UNTIL_THREAD_ENDS = 'if command -v setpriv >/dev/null; then exec setpriv --pdeathsig KILL -- /bin/sh -c "$1"; else exec /bin/sh -c "$1"; fi';

// Taken before a subject's thread is made virtual.
const kill = process.kill.bind(process);
const nowMs = performance.now.bind(performance);
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What is wrong with a process; the message is the end of a sentence about it. */
export class ProcessLost extends Error {
  /** True when it said nothing in time. */
  readonly isSilent: boolean;

  constructor(sentence: string, isSilent = false) {
    super(sentence);
    this.name = 'ProcessLost';
    this.isSilent = isSilent;
  }
}

/** A running process and its pipes. */
export class NativeProcess {
  private readonly silenceMs: number;
  private readonly child: ChildProcess;
  private readonly commands: number;
  private readonly messages: number;
  private readonly bytes = new Uint8Array(BUFFER_BYTES);
  private readonly out = new Uint32Array(MESSAGE_WORDS);
  private readonly outBytes = new Uint8Array(this.out.buffer);
  private start = 0;
  private end = 0;
  private isClosed = false;

  /** Starts `command` by the shell; silence of more than `silenceMs` is the end of it. */
  constructor(command: string, silenceMs: number) {
    this.silenceMs = silenceMs;
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-native-'));
    try {
      const [down, up] = [join(folder, 'commands'), join(folder, 'messages')];
      execFileSync('mkfifo', [down, up]);
      // Both ends at first, since a pipe cannot be opened for writing before somebody reads.
      const both = [openSync(down, 'r+'), openSync(up, 'r+')] as const;
      this.commands = openSync(down, 'w');
      this.messages = openSync(up, constants.O_RDONLY | constants.O_NONBLOCK);
      const inside = [openSync(down, 'r'), openSync(up, 'w')] as const;
      this.child = spawn('/bin/sh', ['-c', UNTIL_THREAD_ENDS, 'sh', `exec ${command}`], { stdio: [inside[0], 'ignore', 'ignore', inside[1]], detached: true });
      this.child.on('error', () => undefined);
      this.child.unref();
      for (const handle of [...both, ...inside]) closeSync(handle);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** True once it was given up. */
  get isLost(): boolean {
    return this.isClosed;
  }

  /** Sends a message. */
  send(type: number, first = 0, second = 0, third = 0, fourth = 0): void {
    if (this.isClosed) throw new ProcessLost('is gone');
    const { out } = this;
    out.fill(0);
    [out[0], out[1], out[2], out[3], out[4]] = [type, first, second, third, fourth];
    this.sendBytes(this.outBytes);
  }

  /** Sends bytes behind a message. */
  sendBytes(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.commands, bytes, done);
    } catch {
      this.lose('ended without a word');
    }
  }

  /** The next message in `into`. Throws ProcessLost when none comes. */
  receive(into: Uint32Array): void {
    const bytes = this.receiveBytes(MESSAGE_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, MESSAGE_BYTES);
    for (let word = 0; word < MESSAGE_WORDS; word++) into[word] = view.getUint32(4 * word, true);
  }

  /** The next bytes; valid until the next call. */
  receiveBytes(lengthBytes: number): Uint8Array {
    if (lengthBytes > BUFFER_BYTES) this.lose('sent more bytes at once than a message may carry');
    if (this.end - this.start < lengthBytes) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    while (this.end - this.start < lengthBytes) this.fill();
    this.start += lengthBytes;
    return this.bytes.subarray(this.start - lengthBytes, this.start);
  }

  /** Gives the process up: kills its group and throws. */
  lose(sentence: string, isSilent = false): never {
    this.close();
    throw new ProcessLost(sentence, isSilent);
  }

  /** Ends the process and closes the pipes. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    closeSync(this.commands);
    closeSync(this.messages);
    try {
      if (this.child.pid !== undefined) kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has gone by itself.
    }
  }

  /** Reads at least one byte. */
  private fill(): void {
    let deadlineMs = 0;
    for (let reading = 0; ; reading++) {
      try {
        const count = readSync(this.messages, this.bytes, this.end, this.bytes.length - this.end, null);
        if (count === 0) this.lose('ended without a word');
        this.end += count;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      if (reading < EAGER_READINGS) continue;
      if (deadlineMs === 0) deadlineMs = nowMs() + this.silenceMs;
      if (nowMs() > deadlineMs) this.lose(`said nothing for ${this.silenceMs / 1000} s when it was its turn`, true);
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

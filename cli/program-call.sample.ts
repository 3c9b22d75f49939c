// Calls of the program for tests: inside this thread with what it says taken down, or as a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runProgram } from './program.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** What a call came to. */
export interface Call {
  readonly status: number | null;
  readonly out: string;
  readonly talk: string;
}

/** Calls the program in this thread; one call at a time. */
export async function call(...args: readonly string[]): Promise<Call> {
  const texts = { out: '', talk: '' };
  const taking = (name: 'out' | 'talk') => (chunk: string | Uint8Array) => {
    texts[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(taking('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(taking('talk')),
  ];
  try {
    const status = await runProgram(['node', 'ringproof', ...args]);
    return { status, ...texts };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

/** How a process is started. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent when stderr or stdout matches. */
  readonly interruptAt?: RegExp;
}

/** Calls the program as a process. */
export function callProcess(args: readonly string[], options: ProcessOptions = {}): Promise<Call> {
  const { cwd = process.cwd(), env = {}, interruptAt } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, talk] = ['', ''];
    let isInterrupted = false;
    const look = (): void => {
      if (isInterrupted || interruptAt === undefined || !interruptAt.test(out + talk)) return;
      isInterrupted = true;
      child.kill('SIGINT');
    };
    child.stdout.on('data', (chunk) => ((out += String(chunk)), look()));
    child.stderr.on('data', (chunk) => ((talk += String(chunk)), look()));
    child.on('close', (status) => resolve({ status, out, talk }));
  });
}

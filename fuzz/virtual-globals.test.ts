// What a driver sees of the world, in a thread of its own: the replacements cannot be undone.
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('./virtual-globals.host.js', import.meta.url).href;

/** Runs statements in a thread with replaced globals; they fill `seen`. */
function inThread(statements: string): Promise<{ seen: Record<string, unknown>; printed: string }> {
  const code = `
    import { parentPort } from 'node:worker_threads';
    const { virtualizeGlobals, seedVirtualRandom, setVirtualClock } = await import(${JSON.stringify(MODULE)});
    let printed = '';
    virtualizeGlobals((text) => (printed += text));
    const crypto = await import('node:crypto');
    const timers = await import('node:timers');
    const { exit, kill, hrtime } = await import('node:process');
    const { performance: hooked } = await import('node:perf_hooks');
    const seen = {};
    const message = (action) => { try { action(); return 'nothing'; } catch (error) { return error.message; } };
    ${statements}
    parentPort.postMessage({ seen, printed });`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    worker.once('message', resolve).once('error', reject);
  });
}

describe('in a driver thread', () => {
  it('clocks follow virtual time', async () => {
    const { seen } = await inThread(`
      seen.start = new Date().toISOString();
      setVirtualClock(() => 2_500_000_000);
      seen.later = [Date.now() - Date.UTC(2000, 0, 1), performance.now(), hooked.now(), hrtime(), String(hrtime.bigint())];
      seen.given = [new Date(0).getTime(), new Date(2001, 1).getMonth(), Date.parse('1970-01-02'), typeof Date()];
      seen.kinds = [new Date() instanceof Date, new (new Date().constructor)().getTime() === Date.now()];
      class Late extends Date {}
      seen.derived = new Late() instanceof Late;
    `);

    expect(seen).toEqual({
      start: '2000-01-01T00:00:00.000Z',
      later: [2500, 2500, 2500, [2, 500_000_000], '2500000000'],
      given: [0, 1, 86_400_000, 'string'],
      kinds: [true, true],
      derived: true,
    });
  });

  it('randomness follows the seed of the run, however it is asked for', async () => {
    const draws = `[Math.random(), crypto.randomBytes(4).toString('hex'), crypto.randomInt(5, 9), crypto.randomInt(3), crypto.randomUUID(),
      globalThis.crypto.randomUUID(), [...globalThis.crypto.getRandomValues(new Uint8Array(3))], [...crypto.randomFillSync(Buffer.alloc(3))],
      [...crypto.webcrypto.getRandomValues(new Uint16Array(1))]]`;
    const { seen } = await inThread(`
      seedVirtualRandom('a'); seen.first = ${draws};
      seedVirtualRandom('b'); seen.other = ${draws};
      seedVirtualRandom('a'); seen.again = ${draws};
      crypto.randomBytes(2, (error, bytes) => (seen.called = [error, bytes.length]));
    `);
    const first = seen['first'] as unknown[];

    expect(seen['again']).toEqual(first);
    expect(seen['other']).not.toEqual(first);
    expect(first[4]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([5, 6, 7, 8]).toContain(first[2]);
    expect(seen['called']).toEqual([null, 2]);
  });

  it('timers and whatever ends the thread are refused with the means of the contract', async () => {
    const { seen } = await inThread(`
      seen.timers = [message(() => setTimeout(() => 1)), message(() => timers.setInterval(() => 1)), message(() => timers.setImmediate(() => 1))];
      seen.endings = [message(() => exit(0)), message(() => process.exit(0)), message(() => kill(process.pid)), message(() => process.abort())];
    `);

    expect(seen['timers']).toEqual(
      ['setTimeout', 'setInterval', 'setImmediate'].map(
        (name) => `${name} is not available to a driver: use guest.armTimer, guest.requestPoll or guest.relax (driver contract)`,
      ),
    );
    expect(seen['endings']).toEqual(
      ['exit', 'exit', 'kill', 'abort'].map((name) => `process.${name} is not available to a driver: throw an Error to give up (driver contract)`),
    );
  });

  it('output is handed over as text', async () => {
    const { printed } = await inThread(`
      console.log('%s of %d', 'one', 2); console.error({ a: 1 }); process.stdout.write('raw\\n'); process.stderr.write(new Uint8Array([98, 121]));
    `);

    expect(printed).toBe('one of 2\n{ a: 1 }\nraw\nby');
  });
});

// Memory that two posted chains share, and memory that is used again.
import { expect, test } from 'vitest';
import { ChainSnapshot } from './chain-snapshot.js';
import { EventScript, RX, TX, readable, writable } from './event-script.js';
import { PostedMemory } from './posted-memory.js';
import { AT_ONCE, type RuleDefinition } from './rule.js';

const PORT = 0;
const BUFFER = { address: 0x1_4000 };

/** A script and the memory that its link state keeps. */
function watched(): { readonly script: EventScript; readonly posted: PostedMemory } {
  let posted: PostedMemory | null = null;
  const watcher: RuleDefinition = {
    ...AT_ONCE,
    id: 'watcher',
    title: 'Says nothing.',
    clauses: ['P2P-INV-3'],
    actor: 'link',
    create: ({ state }) => {
      posted = state.posted;
      return { on: [] };
    },
  };
  const script = new EventScript([watcher]).bringUp(PORT);
  return { script, posted: posted! };
}

test('two receive buffers in one place are shared while both are posted', () => {
  const { script, posted } = watched();

  script.publish(PORT, RX, 0, [writable(100, BUFFER)]).publish(PORT, RX, 1, [writable(100, BUFFER)]);

  expect(posted.hasSharedBuffers(PORT)).toBe(true);
  expect(posted.hasSharedBuffers(1)).toBe(false);
});

test('pieces of one receive buffer over each other are shared', () => {
  const { script, posted } = watched();

  script.publish(PORT, RX, 0, [writable(60, BUFFER), writable(60, BUFFER)]);

  expect(posted.hasSharedBuffers(PORT)).toBe(true);
});

test('a buffer that is posted again after its return is shared with nobody', () => {
  const { script, posted } = watched();

  script.publish(PORT, RX, 0, [writable(100, BUFFER)]).take(PORT, RX, 0).give(PORT, RX, 0);
  script.publish(PORT, RX, 1, [writable(100, BUFFER)]).publish(PORT, TX, 0, [readable(72, { address: 0x2_0000 })]);

  expect(posted.hasSharedBuffers(PORT)).toBe(false);
  expect(posted.isSharedFrame(PORT, 0)).toBe(false);
});

test('a frame under a receive buffer is shared, and so is one that is no longer remembered', () => {
  const { script, posted } = watched();
  const forgetful = new PostedMemory();
  const chain = new ChainSnapshot();
  const words = new Uint32Array(8);
  words[3] = 2000 << 16;
  chain.begin(words, 0);
  for (let element = 0; element < 2000; element++) chain.add(words, 0);

  script.publish(PORT, TX, 0, [readable(72, BUFFER)]).publish(PORT, RX, 0, [writable(100, BUFFER)]);
  forgetful.add(chain);
  forgetful.returned(5, 1, 9);

  expect(posted.isSharedFrame(PORT, 0)).toBe(true);
  expect(forgetful.isSharedFrame(PORT, 9)).toBe(true);
});

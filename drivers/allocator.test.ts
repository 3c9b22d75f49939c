// Allocation against a model that remembers every byte handed out.
import { describe, expect, it } from 'vitest';
import { Allocator } from './allocator.js';

describe('Allocator', () => {
  it('hands out aligned pieces that never overlap, and gets everything back', () => {
    const allocator = new Allocator();
    allocator.reset(0x1010, 4096);
    const owner = new Int32Array(0x1010 + 4096).fill(-1);
    const pieces = new Map<number, number>();
    let state = 7;
    const next = (bound: number): number => (state = (state * 1103515245 + 12345) & 0x7fffffff) % bound;
    let overlaps = 0;
    let misaligned = 0;

    for (let round = 0; round < 4000; round++) {
      const alignBytes = 1 << next(8);
      const sizeBytes = 1 + next(300);
      const address = allocator.allocate(sizeBytes, alignBytes);
      if (address === 0 || next(3) === 0) {
        const [victim, length] = [...pieces][next(Math.max(1, pieces.size))] ?? [0, 0];
        if (victim !== 0) {
          owner.fill(-1, victim, victim + length);
          pieces.delete(victim);
          expect(allocator.release(victim)).toBeGreaterThanOrEqual(length);
        }
      }
      if (address === 0) continue;
      if (address % alignBytes !== 0) misaligned += 1;
      for (let at = address; at < address + sizeBytes; at++) if (owner[at] !== -1) overlaps += 1;
      owner.fill(round, address, address + sizeBytes);
      pieces.set(address, sizeBytes);
    }
    for (const address of pieces.keys()) allocator.release(address);

    expect([overlaps, misaligned, allocator.allocatedCount]).toEqual([0, 0, 0]);
    expect(allocator.allocate(4096, 16)).toBe(0x1010);
  });

  it('answers 0 when nothing fits, and 0 for a release of what is not allocated', () => {
    const allocator = new Allocator();
    allocator.reset(0x1000, 64);
    const whole = allocator.allocate(64, 1);

    expect(allocator.allocate(1, 1)).toBe(0);
    expect(allocator.release(whole + 16)).toBe(0);
    expect([allocator.release(whole), allocator.release(whole)]).toEqual([64, 0]);
  });

  it('joins what is given back with its neighbours on both sides', () => {
    const allocator = new Allocator();
    allocator.reset(0x1000, 64);
    const [first, second, third, fourth] = [16, 16, 16, 16].map((bytes) => allocator.allocate(bytes, 1));

    for (const address of [first, third, second, fourth]) allocator.release(address!);

    expect(allocator.allocate(64, 1)).toBe(0x1000);
  });

  it('leaves the head of a block in front of an aligned piece', () => {
    const allocator = new Allocator();
    allocator.reset(0x1010, 0x100 - 0x10);

    expect([allocator.allocate(0x80, 0x80), allocator.allocate(0x60, 16), allocator.allocate(16, 16)]).toEqual([0x1080, 0x1010, 0x1070]);
  });

  it('counts an empty request as one unit', () => {
    const allocator = new Allocator();
    allocator.reset(0x1000, 32);

    expect([allocator.allocate(0, 1), allocator.allocate(0, 1), allocator.allocate(0, 1)]).toEqual([0x1000, 0x1010, 0]);
  });
});

// Regions, fills and translations of guest memory.
import { describe, expect, it } from 'vitest';
import { AddressSpace } from '../sim/address-space.js';
import { Arena } from '../sim/arena.js';
import { GuestRam } from './guest-ram.js';

const HIGH = 2 ** 33;

function createRam(fillByte = 0): { arena: Arena; ram: GuestRam } {
  const arena = new Arena();
  const ram = new GuestRam(arena, new AddressSpace(arena));
  const plans = [
    { sizeBytes: 4096, deviceAddressOffset: 0 },
    { sizeBytes: 8192, deviceAddressOffset: HIGH },
  ];
  ram.reset(plans, fillByte);
  return { arena, ram };
}

describe('GuestRam', () => {
  it('translates inside a region, above 4 GiB too, and nowhere else', () => {
    const { ram } = createRam();
    const [low, high] = ram.regions;

    expect(ram.deviceAddressOf(low!.address + 8, 16)).toBe(low!.address + 8);
    expect(ram.deviceAddressOf(high!.address, 8192)).toBe(high!.address + HIGH);
    expect(ram.localAddressOf(high!.address + HIGH + 5, 1)).toBe(high!.address + 5);
    expect(ram.deviceAddressOf(low!.address + 4000, 97)).toBe(-1);
    expect([ram.localAddressOf(high!.address, 1), ram.deviceAddressOf(0, 1)]).toEqual([-1, -1]);
  });

  it('goes on in the next region when one is full', () => {
    const { ram } = createRam();

    const addresses = [ram.allocate(4096, 16), ram.allocate(4096, 16), ram.allocate(4096, 16), ram.allocate(16, 16)];

    expect(addresses).toEqual([ram.regions[0]!.address, ram.regions[1]!.address, ram.regions[1]!.address + 4096, 0]);
    expect([ram.release(addresses[0]!), ram.release(addresses[0]!), ram.release(8), ram.allocatedCount]).toEqual([4096, 0, 0, 2]);
  });

  it('fills fresh memory with the byte of the plan', () => {
    const { arena, ram } = createRam(0xa5);

    const address = ram.allocate(20, 16);

    const offset = ram.dataspaces[0]!.start + address - ram.regions[0]!.address;
    expect([...arena.u8.subarray(offset, offset + 21)]).toEqual([...new Array<number>(20).fill(0xa5), 0]);
  });

  it("puts bytes in without counting them as progress, and refuses memory that is not the guest's", () => {
    const { arena, ram } = createRam();
    const address = ram.allocate(16, 16);
    const before = arena.changes;

    ram.put(address, Uint8Array.of(1, 2, 3), 2, null, 1);
    ram.put(address, Uint8Array.of(), 0, null, 1);

    const offset = ram.dataspaces[0]!.start + address - ram.regions[0]!.address;
    expect([...arena.u8.subarray(offset, offset + 3), arena.changes - before]).toEqual([1, 2, 0, 0]);
    expect(() => ram.put(8, Uint8Array.of(1), 1, null, 1)).toThrow('GuestRam.put: 1 bytes at 8 do not lie in guest memory');
  });
});

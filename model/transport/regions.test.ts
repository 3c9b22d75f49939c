// register_ds and address translation: the checks of l4virtio-transport sheet §5 in their order.
import { expect, test } from 'vitest';
import { AddressSpace } from '../../sim/address-space.js';
import { Arena } from '../../sim/arena.js';
import { EINVAL, EIO, ENOMEM, ENOSYS, ERANGE } from '../l4/errors.js';
import { RegionList, type RegistrationRequest } from './regions.js';

const FAITHFUL = { T9: true, T18: true, T19: true };

function bench(capacity = 4, trusted: number[] | null = null) {
  const arena = new Arena();
  const space = new AddressSpace(arena);
  const regions = new RegionList(space, FAITHFUL, trusted, () => undefined);
  regions.clear(capacity);
  const dataspace = arena.createDataspace(0x4000);
  const request = (given: Partial<RegistrationRequest>): RegistrationRequest => ({
    ...{ dataspace, rights: 3, baseLow: 0x10000, baseHigh: 0, offsetLow: 0, offsetHigh: 0, sizeLow: 0x1000, sizeHigh: 0 },
    ...given,
  });
  return { arena, space, regions, dataspace, register: (given: Partial<RegistrationRequest> = {}) => regions.register(request(given)) };
}

test.each([
  ['no capability', { dataspace: null }, -EINVAL],
  ['an error of the size query', { queryResult: -EIO }, -EIO],
  ['a dataspace of size 0', { reportedBytes: 0 }, -EINVAL],
  ['an offset at the end', { offsetLow: 0x4000 }, -ERANGE],
  ['an offset beyond 4 GiB', { offsetHigh: 1 }, -ERANGE],
  ['a size beyond the dataspace', { sizeLow: 0x4001 }, -EINVAL],
  ['offset and size beyond the dataspace', { offsetLow: 0x2000, sizeLow: 0x2001 }, -EINVAL],
  ['a base that wraps', { baseLow: 0xfffff000, baseHigh: 0xffffffff }, -EINVAL],
  ['a base and size of 4 GiB and more that wrap', { baseHigh: 0xfffffffe, sizeHigh: 2, reportedBytes: 2 ** 40 }, -EINVAL],
  ['a size beyond 2^53 that is one byte more than the dataspace', { sizeHigh: 1 << 28, sizeLow: 1, reportedBytes: 2 ** 60 }, -EINVAL],
  ['a dataspace whose reported size rounds to 2^64', { reportedBytes: 2 ** 64 }, -EINVAL],
  ['size 0', { sizeLow: 0 }, -EINVAL],
  ['a size that rounds to 0', { sizeLow: 0xffffffff, sizeHigh: 0xffffffff }, -EINVAL],
  ['a good request', {}, 0],
  ['a size that is rounded up', { sizeLow: 0x3001 }, 0],
  ['unaligned base and offset', { baseLow: 0x10800, offsetLow: 0x400 }, 0],
  ['no size query', { queryResult: -ENOSYS, sizeLow: 0x2fff }, 0],
])('register_ds with %s', (_, given, result) => {
  expect(bench().register(given)).toBe(result);
});

test('a full list is told before the dataspace is asked, a failed call takes no place', () => {
  const { register } = bench(1);

  expect([register({ sizeLow: 0 }), register(), register({ queryResult: -EIO })]).toEqual([-EINVAL, 0, -ENOMEM]);
});

test('only listed dataspaces are accepted when there is a list', () => {
  expect(bench(4, [1]).register()).toBe(0); // the bench's dataspace is number 1
  expect(bench(4, [2]).register()).toBe(-EINVAL);
});

test('a range is found only inside one region, the first in order of registration', () => {
  const { regions, register, space, dataspace } = bench();
  register({ baseLow: 0x10000, sizeLow: 0x1000 });
  register({ baseLow: 0x11000, sizeLow: 0x1000, offsetLow: 0x1000 });
  register({ baseLow: 0x10000, sizeLow: 0x1000, offsetLow: 0x2000, rights: 1 });
  const place = (low: number, lengthBytes: number): number => {
    const local = regions.find(low, 0, lengthBytes);
    return local === 0 ? -1 : space.resolve(local, lengthBytes, 1) - dataspace.start;
  };

  expect(place(0x10ff0, 16)).toBe(0xff0);
  expect(place(0x10ff0, 17)).toBe(-1); // crosses into the next region
  expect(place(0x11000, 0x1000)).toBe(0x1000);
  expect(place(0x12000, 0)).toBe(-1); // length 0 needs a mapped address too
  expect(place(0xffff, 1)).toBe(-1);
  expect(regions.isFoundWritable).toBe(true);
});

test('addresses beyond 4 GiB are compared as 64 bits', () => {
  const { regions, register } = bench();
  register({ baseLow: 0xfffff000, baseHigh: 1, sizeLow: 0x2000 });

  expect(regions.find(0xfffff800, 1, 16)).not.toBe(0);
  expect(regions.find(0x800, 2, 16)).not.toBe(0); // the second page lies behind the carry
  expect(regions.find(0x800, 1, 16)).toBe(0);
  expect(regions.find(0xfffff800, 0, 16)).toBe(0);
  expect(regions.find(0xfffff800, 1, 0xffffffff)).toBe(0);
});

test('a region without size query that is larger than its dataspace leads nowhere beyond it', () => {
  const { regions, register, space } = bench();
  register({ queryResult: -ENOSYS, sizeLow: 0x8000 });

  expect(space.resolve(regions.find(0x13ff0, 0, 16), 16, 1)).toBeGreaterThanOrEqual(0);
  expect(space.resolve(regions.find(0x14000, 0, 16), 16, 1)).toBe(-1);
});

test('a range that starts in the dataspace and ends behind it is an address whose end is unmapped', () => {
  const { regions, register, space } = bench();
  register({ queryResult: -ENOSYS, sizeLow: 0x8000 });

  const local = regions.find(0x13ff0, 0, 0x1000);

  expect(space.resolve(local, 16, 1)).toBeGreaterThanOrEqual(0);
  expect(space.resolve(local, 17, 1)).toBe(-1);
});

test('a region without size query may reach beyond 4 GiB, but nothing is found in one that wraps', () => {
  const huge = bench();
  huge.register({ queryResult: -ENOSYS, sizeHigh: 1, sizeLow: 0x1000 });
  const wrapping = bench();
  wrapping.register({ queryResult: -ENOSYS, baseLow: 0xfffff000, baseHigh: 0xffffffff, sizeLow: 0x3000 });
  const last = bench();
  last.register({ queryResult: -ENOSYS, baseLow: 0xfffff000, baseHigh: 0xffffffff, sizeLow: 0x1000 });

  expect(huge.regions.find(0x10800, 1, 16)).not.toBe(0);
  expect(huge.regions.find(0x11000, 1, 16)).toBe(0);
  expect(wrapping.regions.find(0xfffff800, 0xffffffff, 16)).toBe(0);
  expect(last.regions.find(0xfffff800, 0xffffffff, 16)).not.toBe(0);
});

test('an offset behind a dataspace without size query cannot be attached', () => {
  expect(bench().register({ queryResult: -ENOSYS, offsetLow: 0x8000 })).toBe(-EINVAL);
});

test('an address space that is used up answers with ENOMEM', () => {
  const { register, space } = bench();
  space.attach = () => {
    throw new RangeError('used up');
  };

  expect(register()).toBe(-ENOMEM);
  space.attach = () => {
    throw new TypeError('our mistake');
  };
  expect(() => register()).toThrow('our mistake');
});

test('clearing unmaps everything', () => {
  const { regions, register, space } = bench();
  register();
  const local = regions.find(0x10000, 0, 1);

  regions.clear(4);

  expect(space.resolve(local, 1, 1)).toBe(-1);
  expect(regions.find(0x10000, 0, 1)).toBe(0);
});

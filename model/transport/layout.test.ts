// Offsets of the config page against the sheet.
import { expect, test } from 'vitest';
import { CONFIG_OFFSET, layoutOf, netQueueEntry, queuesOffset } from './layout.js';

test('the queue entries of a network port lie behind the rounded device config', () => {
  expect(queuesOffset(6)).toBe(0x110); // 0x100 + 6 rounded up to 16
  expect(netQueueEntry(1)).toBe(0x138); // one entry of 40 bytes further
});

test('the feature maps of both revisions end before the generation word', () => {
  for (const revision of ['seed', 'current'] as const) {
    const layout = layoutOf(revision);

    const mapBytes = 4 * layout.featureWords;

    expect(layout.deviceFeaturesMap + mapBytes).toBeLessThanOrEqual(layout.driverFeaturesMap);
    expect(layout.driverFeaturesMap + mapBytes).toBeLessThanOrEqual(CONFIG_OFFSET.generation);
    expect(layout.commandFeature >>> 5).toBeLessThan(layout.featureWords);
  }
});

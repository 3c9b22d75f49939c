// The device config: torn, stale and misread values are the driver's, uncounted and silent changes the device's; right ones hold.
import { expect, test } from 'vitest';
import * as events from '../events.js';
import { CONFIG_OFFSET } from '../transport/layout.js';
import { configAnnounced, configRead, configReread } from './device-config.js';
import { EventScript, OFFER } from './event-script.js';

const STATUS = 1 << 16;
const GENERATION = CONFIG_OFFSET.generation;
const MAC_LOW = CONFIG_OFFSET.deviceConfig;
const MAC_HIGH = MAC_LOW + 4;
const LINK = MAC_LOW + 6;
const INTERRUPT_CONFIG = 2;
const RULES = [configRead, configReread, configAnnounced];

/** The device shows a version: the number is its MAC, the link and the generation. */
const shown = (script: EventScript, number: number, isUp = 1, generation = number): EventScript =>
  script.record(events.CONFIG_CHANGED, 0, 0, isUp, number, 0, generation);

/** A port that negotiated STATUS, unless other features are given, and shows version 1. */
const script = (features = OFFER | STATUS): EventScript => {
  const story = new EventScript(RULES).connect(0, OFFER | STATUS);
  return shown(story, 1).register(0).reinitialize(0, 4, features, OFFER | STATUS);
};

/** The driver reads the version of the number between two looks at the generation. */
const readWhole = (story: EventScript, number: number, isUp = 1, after = number): EventScript =>
  story.read(0, GENERATION, number).read(0, MAC_LOW, number).read(0, MAC_HIGH).read(0, LINK, isUp).read(0, GENERATION, after);

const told = (story: EventScript, isUp: number, number: number): EventScript => story.record(events.LINK_REPORTED, 1, 0, isUp, number, 0, 1);

/** A change to version 2 with the link down, with its interrupt. */
const changed = (story: EventScript): EventScript => shown(story, 2, 0).interrupt(0, INTERRUPT_CONFIG);

test('a config that is read whole, read again and told as it is holds every clause', () => {
  const story = told(readWhole(script(), 1), 1, 1);

  told(readWhole(changed(story), 2, 0), 0, 2).rest();

  expect(story.verdict()).toEqual([]);
  const held = ['CFG-DRV-2.5.1-1', 'CFG-DRV-2.5.1-2', 'CFG-DRV-2.5.1-3', 'NET-DRV-5.1.4.2-6', 'OPER-DRV-3.2.1-1', 'OPER-DEV-3.2.1-1', 'CFG-DEV-2.5-2'];
  for (const id of held) expect(story.outcome(id).outcome, id).toBe('held');
});

test('several fields without a look at the generation, or with looks that differ, break the clause about it', () => {
  const blind = told(script().read(0, MAC_LOW, 1).read(0, MAC_HIGH).read(0, LINK, 1), 1, 1);
  const half = told(script().read(0, GENERATION, 1).read(0, MAC_LOW, 1).read(0, MAC_HIGH).read(0, LINK, 1), 1, 1);
  const differing = told(readWhole(script(), 1, 1, 3), 1, 1);

  for (const story of [blind, half, differing]) expect(story.verdict()).toEqual(['CFG-DRV-2.5.1-3@0 driver']);
});

test('a second attempt counts, with a look of its own or with the last one of the first', () => {
  const anew = told(readWhole(readWhole(script(), 1, 1, 3), 1), 1, 1);
  const chained = readWhole(script(), 1, 1, 3).read(0, MAC_LOW, 1).read(0, MAC_HIGH).read(0, LINK, 1).read(0, GENERATION, 3);

  expect([...anew.verdict(), ...told(chained, 1, 1).verdict()]).toEqual([]);
});

test('a link status alone can be read without the generation', () => {
  expect(script().read(0, LINK, 1).record(events.LINK_REPORTED, 1, 0, 1).verdict()).toEqual([]);
});

test('a MAC that never was, and a pair that never was, are told apart', () => {
  const torn = readWhole(changed(script()), 1, 1, 2);
  const mixed = readWhole(changed(script()), 1, 1, 2);

  expect(told(torn, 1, 3).verdict()).toEqual(['CFG-DRV-2.5.1-1@0 driver', 'CFG-DRV-2.5.1-3@0 driver']);
  expect(told(mixed, 1, 2).verdict()).toEqual(['CFG-DRV-2.5.1-2@0 driver', 'CFG-DRV-2.5.1-3@0 driver']);
});

test('a mixture between two looks that agree is not the driver’s', () => {
  const story = changed(script()).read(0, GENERATION, 2).read(0, MAC_LOW, 2).read(0, MAC_HIGH).read(0, LINK, 1).read(0, GENERATION, 2);

  expect(told(story, 1, 2).verdict()).toEqual([]);
});

test('a link state has to be bit 0 of a status that was read', () => {
  const wrong = told(readWhole(script(), 1), 0, 1);
  const unread = script().record(events.LINK_REPORTED, 1, 0, 1);

  for (const story of [wrong, unread]) expect(story.verdict()).toEqual(['NET-DRV-5.1.4.2-6@0 driver']);
});

test('without STATUS the link is up', () => {
  const up = script(OFFER).record(events.LINK_REPORTED, 1, 0, 1);
  const down = script(OFFER).record(events.LINK_REPORTED, 1, 0, 0);

  expect(up.outcome('NET-DRV-5.1.4.2-5').outcome).toBe('held');
  expect(down.verdict()).toEqual(['NET-DRV-5.1.4.2-5@0 driver']);
});

test('a driver that does not read after the interrupt, or rests with what is gone, is accused', () => {
  const deaf = changed(told(readWhole(script(), 1), 1, 1)).rest();
  const stale = changed(told(readWhole(script(), 1), 1, 1)).readStatus(0).rest();

  for (const story of [deaf, stale]) expect(story.verdict()).toEqual(['OPER-DRV-3.2.1-1@0 driver']);
});

test('a device that does not count, or does not interrupt, is accused', () => {
  expect(shown(script(), 2, 1, 1).interrupt(0, INTERRUPT_CONFIG).verdict()).toEqual(['CFG-DEV-2.5-2@0 device']);
  expect(shown(script(), 2).readStatus(0).rest().verdict()).toEqual(['OPER-DEV-3.2.1-1@0 device']);
});

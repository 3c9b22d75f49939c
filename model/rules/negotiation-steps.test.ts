// negotiation-steps: streams that make each clause fire, and right ones.
import { expect, test } from 'vitest';
import { layoutOf } from '../transport/layout.js';
import { EventScript, OFFER, RX } from './event-script.js';
import { negotiationSteps } from './negotiation-steps.js';

const MAP = layoutOf('current').driverFeaturesMap;
const story = (): EventScript => new EventScript([negotiationSteps]).connect(0).status(0, 0).status(0, 1);
const settled = (): EventScript => story().status(0, 3).accept(0, OFFER).featuresOk(0, OFFER);

test('a correct bring-up holds the steps it exercises', () => {
  const script = new EventScript([negotiationSteps]).bringUp(0);

  script.end();

  expect(script.verdict()).toEqual([]);
  const held = negotiationSteps.clauses.filter((id) => script.outcome(id).outcome === 'held');
  expect(held).toEqual(['INIT-DRV-3.1.1-4', 'INIT-DRV-3.1.1-7', 'INIT-DRV-3.1.1-8', 'INIT-DRV-3.1.1-9', 'STATUS-DRV-2.1.1-1']);
});

test('features written before DRIVER was set come too early', () => {
  const script = story();

  script.accept(0, OFFER);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-4@0 driver', 'STATUS-DRV-2.1.1-1@0 driver']);
});

test('features written without a look at the offer are a violation', () => {
  const script = story().status(0, 3);

  script.write(0, MAP, 0);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-4@0 driver']);
});

test('a feature added after FEATURES_OK is a violation, writing the same again is not', () => {
  const script = new EventScript([negotiationSteps]).connect(0).status(0, 0).status(0, 1).status(0, 3).accept(0, 1).featuresOk(0, 1);

  script.write(0, MAP, 1);
  const before = script.verdict();
  script.write(0, MAP, 3);

  expect(before).toEqual([]);
  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-8@0 driver']);
});

test('going on without reading the status back is a violation', () => {
  const script = settled();

  script.configure(0, RX, 4);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-9@0 driver']);
});

test('FEATURES_OK and DRIVER_OK in one step cannot have been read back', () => {
  const script = story().status(0, 3).accept(0, OFFER);

  script.status(0, 0x0f);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-9@0 driver']);
});

test('DRIVER_OK without FEATURES_OK is a violation', () => {
  const script = story().status(0, 3);

  script.status(0, 7, 0x43);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-7@0 driver']);
});

test('going on after a refusal is a violation', () => {
  const script = story()
    .status(0, 3)
    .accept(0, 1 << 4)
    .featuresOk(0, 1 << 4, false);

  script.configure(0, RX, 4);

  expect(script.verdict()).toEqual(['INIT-DRV-3.1.1-13@0 driver']);
});

test('a refusal that is left without FAILED or another try is told at the end', () => {
  const script = story()
    .status(0, 3)
    .accept(0, 1 << 4)
    .featuresOk(0, 1 << 4, false);

  script.end();

  expect(script.verdict()).toEqual(['FEAT-DRV-2.2.1-9@0 driver', 'INIT-DRV-3.1.1-12@0 driver']);
});

test('FAILED after a refusal holds the clauses about failing', () => {
  const script = story()
    .status(0, 3)
    .accept(0, 1 << 4)
    .featuresOk(0, 1 << 4, false);

  script.status(0, 0x83).end();

  expect(script.verdict()).toEqual([]);
  for (const id of ['INIT-DRV-3.1.1-12', 'FEAT-DRV-2.2.1-9', 'INIT-DRV-3.1.1-13']) expect(script.outcome(id).outcome, id).toBe('held');
});

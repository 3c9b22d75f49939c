// The scenarios of a check by id, captures included: the shipped one, and one the user names.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timelineOf } from '../scenarios/capture.js';
import { readCapture } from '../scenarios/capture-reader.js';
import { capturedScenarios } from '../scenarios/captured.js';
import type { Mutant } from '../model/mutant.js';
import { SCENARIOS } from '../scenarios/catalogue.js';
import { DEVICE_KINDS, type DeviceKindId, deviceKind } from '../scenarios/device-kind.js';
import { QUIRK_SCENARIOS, SERVER_SCENARIOS } from '../scenarios/quirk-catalogue.js';
import type { ScenarioDefinition } from '../scenarios/scenario.js';
import { UnusableInput } from '../scenarios/unusable-input.js';

/** Name of the capture that ships with the package. */
const SHIPPED = 'link';

/** Scenarios of a capture file, named after it. Throws UnusableInput when it is none or holds nothing to replay. */
function scenariosOfCapture(fileName: string, name: string): ScenarioDefinition[] {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(fileName);
  } catch (error) {
    throw new UnusableInput(fileName, 'file', `a capture must be readable (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  const timeline = timelineOf(readCapture(bytes, fileName), null);
  if (timeline.frames.length === 0) throw new UnusableInput(fileName, 'frames', 'a capture must hold at least one whole Ethernet frame');
  return capturedScenarios(name, timeline);
}

/** Name of a user's capture in scenario ids: that of the file, made different from the shipped one. */
function captureName(fileName: string): string {
  const name = basename(fileName)
    .replace(/\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-');
  return name === SHIPPED ? `${name}-2` : name;
}

/** Every scenario of a check; `capture` adds those of a file. */
export function allScenarios(capture: string | null): ScenarioDefinition[] {
  const shipped = fileURLToPath(new URL(`../../scenarios/captures/${SHIPPED}.pcap`, import.meta.url));
  return [
    ...SCENARIOS,
    ...scenariosOfCapture(shipped, SHIPPED),
    ...(capture === null ? [] : scenariosOfCapture(capture, captureName(capture))),
  ];
}

/** The scenarios a check is planned from: those of its device, and where the server is judged, those of scripted guests too. */
export function checkScenarios(capture: string | null, judgesServer: boolean, device: DeviceKindId = 'reference'): readonly ScenarioDefinition[] {
  const { scenarios } = deviceKind(device);
  if (scenarios !== null) return scenarios;
  return judgesServer ? [...allScenarios(capture), ...SERVER_SCENARIOS] : allScenarios(capture);
}

/** The scenarios a check can be told to make: those it is planned from, and those of scripted guests, which judge the server. */
export function nameableScenarios(capture: string | null, device: DeviceKindId): readonly ScenarioDefinition[] {
  return checkScenarios(capture, true, device);
}

/** The scenarios in which a mutant has to be found. */
export function trialScenarios({ side, isForHostile, device }: Mutant): readonly ScenarioDefinition[] {
  return checkScenarios(null, side !== 'driver', isForHostile === true ? 'hostile' : (device ?? 'reference'));
}

/** What can be run by itself: every scenario, those of other devices, and those of single quirks. */
export function runnableScenarios(capture: string | null): ScenarioDefinition[] {
  return [...allScenarios(capture), ...scenariosOfDevices(), ...QUIRK_SCENARIOS];
}

/** Scenarios that only a device of another kind has. */
function scenariosOfDevices(): ScenarioDefinition[] {
  return DEVICE_KINDS.flatMap(({ scenarios }) => scenarios ?? []);
}

/** The scenarios with the given ids, in that order. Throws UnusableInput for an unknown id. */
export function planScenarios(ids: readonly string[], capture: string | null): ScenarioDefinition[] {
  const all = [...checkScenarios(capture, true), ...scenariosOfDevices()];
  return ids.map((id) => {
    const found = all.find((scenario) => scenario.id === id);
    if (found === undefined) throw new UnusableInput('--scenario', id, `must be one of ${all.map((scenario) => scenario.id).join(', ')}`);
    return found;
  });
}

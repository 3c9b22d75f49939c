// What a check gathers while it runs: the recorded run of each finding and its repro, written as soon as it is there.
//
// The recorded run and the repro of a kind of finding are those of its lowest run, whatever order workers report in.
import { join, relative } from 'node:path';
import type { Repro } from '../scenarios/repro.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Campaign } from './check-campaign.host.js';
import type { RecordedDetail } from './check-material.js';
import { placeInSentence } from './driver-place.host.js';
import { REPETITION_RULE } from './finding-list.js';
import { type DriverIdentity, outsideReproOf, repetitionReproOf, reproFileText, reproOf } from './finding-repro.js';
import { type OutsideFailure, lowestOfEachReason, outsideFingerprint } from './outside-failure.js';
import type { RecordedFinding } from './recorded-run.js';
import type { Divergence } from './run-batch.js';
import type { SmallerFinding } from './shrink-findings.host.js';

/** Where what is gathered goes. */
export interface GatheringPlace {
  readonly outFolder: string;
  readonly writeFile: (path: string, contents: string) => void;
}

/** Path of the repro of a finding below the folder for results, relative to the working directory: no report shall depend on the machine. */
export function reproPath(outFolder: string, fingerprint: string): string {
  return join(relative(process.cwd(), outFolder), 'repro', `${fingerprint}.json`);
}

/** Path of a repro as it was found, before it was made smaller. */
function rawPath(outFolder: string, fingerprint: string): string {
  return join(relative(process.cwd(), outFolder), 'raw', `${fingerprint}.json`);
}

/** What a check gathers while it runs. */
export class Gathering {
  isInterrupted = false;
  /** The pass under way. */
  campaign: Campaign | null = null;
  private readonly found = new Map<string, RecordedDetail>();
  private readonly written = new Map<string, Repro<Scenario>>();
  private readonly place: GatheringPlace;
  private readonly driver: DriverIdentity;

  constructor(place: GatheringPlace, driver: DriverIdentity) {
    this.place = place;
    this.driver = driver;
  }

  /** Recorded runs, lowest run of each fingerprint, in run order. */
  get details(): RecordedDetail[] {
    return [...this.found.values()].sort(
      (left, right) => left.runIndex - right.runIndex || (left.fingerprint < right.fingerprint ? -1 : 1),
    );
  }

  /** The repros that were written, by fingerprint. */
  get repros(): Repro<Scenario>[] {
    return [...this.written].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, repro]) => repro);
  }

  /** Paths of the repro files by fingerprint. */
  get paths(): Map<string, string> {
    return new Map([...this.written.keys()].map((fingerprint) => [fingerprint, reproPath(this.place.outFolder, fingerprint)]));
  }

  /** Saves the repro of a finding unless one of an earlier run is there. */
  save(finding: RecordedFinding): void {
    const { fingerprint, runIndex, detail, lastEvents } = finding;
    const known = this.found.get(fingerprint);
    if (known !== undefined && known.runIndex <= runIndex) return;
    this.found.set(fingerprint, { fingerprint, runIndex, detail, place: finding.place ?? this.placeSaid(detail), size: null, told: null, lastEvents });
    this.write(fingerprint, reproOf(finding, this.driver));
  }

  /** Repros of findings that can be made smaller, in run order. */
  get shrinkable(): Repro<Scenario>[] {
    return this.details.map(({ fingerprint }) => this.written.get(fingerprint)!).filter(({ tape }) => tape !== null);
  }

  /** Puts a smaller repro in the place of the one that was found, which is kept beside it. */
  replace({ repro, size, told, lastEvents }: SmallerFinding): void {
    const { fingerprint } = repro.finding;
    const known = this.found.get(fingerprint);
    const before = this.written.get(fingerprint);
    if (known === undefined || before === undefined) return;
    this.place.writeFile(rawPath(this.place.outFolder, fingerprint), reproFileText(before));
    this.found.set(fingerprint, { ...known, size, told, lastEvents });
    this.write(fingerprint, repro);
  }

  /** Saves the repro of the lowest run that was caught differing. */
  saveDifference(divergences: readonly Divergence[]): void {
    for (const { runIndex, request, difference } of divergences) {
      if (difference === null) continue;
      this.write(REPETITION_RULE, repetitionReproOf({ runIndex, request, difference }, this.driver));
      return;
    }
  }

  /** Saves the repros of runs that made no end. */
  saveOutside(failures: readonly OutsideFailure[]): void {
    for (const failure of lowestOfEachReason(failures))
      this.write(outsideFingerprint(failure.reason), outsideReproOf(failure, this.driver));
  }

  /** Ends the check after the runs under way. */
  interrupt(): void {
    this.isInterrupted = true;
    this.campaign?.stop();
  }

  /** The place a thrown error names. */
  private placeSaid(detail: string | null): RecordedDetail['place'] {
    const { path } = this.driver;
    return detail === null || path === null ? null : placeInSentence(detail, path);
  }

  private write(fingerprint: string, repro: Repro<Scenario>): void {
    this.place.writeFile(reproPath(this.place.outFolder, fingerprint), reproFileText(repro));
    this.written.set(fingerprint, repro);
  }
}

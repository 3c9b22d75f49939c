// Correct stories under all rules: nobody is accused. And the catalogue itself: ids, clauses, names.
import { describe, expect, test } from 'vitest';
import * as events from '../events.js';
import { ALL_RULES, REPETITION_CLAUSE } from './catalogue.js';
import { clauseOf, CLAUSES } from './clauses.js';
import { UNDECIDED_CLAUSES } from './undecided-clauses.js';
import { EventScript, indirect, MRG_RXBUF, OFFER, readable, RX, TX, writable } from './event-script.js';

const NO_MRG = OFFER & ~MRG_RXBUF;

/** Both ports up, receive buffers posted on port 1 and known to the device. */
function linkUp(script: EventScript, features = OFFER): EventScript {
  script.bringUp(0, { features }).bringUp(1, { features });
  for (let head = 0; head < 3; head++) script.publish(1, RX, head, [writable(1600)]);
  return script.kick(1);
}

/** Both ports up and port 1 without buffers: where its frames go is left open. */
function sinkUp(script: EventScript, features = OFFER): EventScript {
  return script.bringUp(0, { features }).bringUp(1, { features });
}

/** One frame of `lengthBytes` from port 0 to port 1 in buffers `heads` of port 1. */
function transfer(script: EventScript, number: number, lengthBytes: number, txHead: number, rxHead: number): EventScript {
  script.send(0, number, lengthBytes).publish(0, TX, txHead, [readable(12 + lengthBytes)]);
  script.record(events.PACKET_HEADER, 1, 0x100, 0, 0, 0, lengthBytes, events.CHECKSUM_RIGHT).kick(0);
  script.record(events.KICK_HANDLED, 0).look(0, TX).look(1, RX);
  script.take(0, TX, txHead).give(0, TX, txHead).take(1, RX, rxHead);
  script
    .writeUsed(1, RX, rxHead, 12 + lengthBytes)
    .place(1, 1, 12 + lengthBytes, 0, 0, events.CHECKSUM_RIGHT)
    .publishUsed(1, RX);
  script.record(events.AVAIL_FLAGS_SEEN, 0, 1, 0).interrupt(0).interrupt(1).record(events.KICK_DONE, 0);
  return script.deliver(1, number, lengthBytes).record(events.FRAME_RETURNED, 1, 0, 0, number);
}

describe('correct stories', () => {
  test('bring-up and a few frames violate nothing and exercise clauses of every area', () => {
    const script = linkUp(new EventScript(ALL_RULES));

    transfer(script, 0, 60, 0, 0);
    transfer(script, 1, 1514, 0, 1);
    script
      .publish(0, RX, 0, [writable(1600)])
      .kick(0)
      .rest();

    expect(script.verdict()).toEqual([]);
    for (const id of [
      'INIT-DRV-3.1.1-9',
      'SPLIT-DRV-2.7.6-3',
      'SPLIT-DEV-2.7.8-2',
      'P2P-INV-1',
      'P2P-INV-3',
      'P2P-INV-5',
      'CONTRACT-TRANSMIT',
    ]) {
      expect(script.outcome(id, id.startsWith('P2P-INV-3') || id.startsWith('P2P-INV-5') ? 1 : 0).outcome, id).toBe('held');
    }
  });

  test('an empty run exercises nothing', () => {
    const script = new EventScript(ALL_RULES);

    script.end();

    const outcomes = script.engine.outcomes().filter((one) => one.outcome === 'held' || one.outcome === 'violated');
    expect(outcomes).toEqual([]);
  });

  test('the same rules judge run after run alike', () => {
    const script = new EventScript(ALL_RULES);
    const tell = (): unknown => {
      transfer(linkUp(script), 0, 60, 0, 0).rest();
      return script.engine.outcomes();
    };

    const first = tell();
    script.restart();
    const second = tell();

    expect(second).toEqual(first);
  });

  test('reset and initialization in the middle of traffic violate nothing', () => {
    const script = transfer(linkUp(new EventScript(ALL_RULES)), 0, 60, 0, 0);

    script
      .send(0, 1, 70)
      .publish(0, TX, 1, [readable(82)])
      .take(0, TX, 1);
    script.reinitialize(0).publish(0, RX, 0, [writable(1600)]);
    // The driver sends the frame the reset took from its ring once more.
    script
      .publish(0, TX, 2, [readable(82)])
      .kick(0)
      .use(0, TX, 2)
      .take(1, RX, 1);
    script.writeUsed(1, RX, 1, 82).place(1, 1, 82).publishUsed(1, RX).record(events.AVAIL_FLAGS_SEEN, 0, 1, 0);
    script.interrupt(0).interrupt(1).deliver(1, 1, 70).rest();

    expect(script.verdict()).toEqual([]);
  });

  test('a client that leaves and another that comes violate nothing', () => {
    const script = transfer(linkUp(new EventScript(ALL_RULES)), 0, 60, 0, 0);

    script
      .send(0, 1, 60)
      .publish(0, TX, 0, [readable(72)])
      .kick(0);
    script.deviceReset(1, events.CAUSE_DEPARTURE).record(events.DEPARTED, 0, 1);
    script
      .bringUp(1)
      .publish(1, RX, 2, [writable(1600)])
      .kick(1);
    script.use(0, TX, 0).take(1, RX, 2).writeUsed(1, RX, 2, 72).place(1, 1, 72).publishUsed(1, RX).record(events.AVAIL_FLAGS_SEEN, 0, 1, 0);
    script
      .interrupt(0)
      .interrupt(1)
      .publish(1, RX, 0, [writable(1600)])
      .kick(1)
      .deliver(1, 1, 60)
      .rest();

    expect(script.verdict()).toEqual([]);
  });

  test('a device error that interrupts a new initialization excuses the steps up to the next reset', () => {
    const script = linkUp(new EventScript(ALL_RULES));

    script.status(0, 0).status(0, 1).status(0, 3).accept(0, OFFER);
    script.deviceReset(0, events.CAUSE_DEVICE_ERROR).record(events.DEVICE_STATUS, 0, 0, 0x43, events.CAUSE_DEVICE_ERROR);
    script.record(events.STATUS_WRITE, 0, 0, 0x0b, 0).configure(0, RX, 4, undefined, 5).status(0, 0x0f, 0x43);
    script
      .reinitialize(0)
      .publish(0, RX, 0, [writable(1600)])
      .kick(0)
      .rest();

    expect(script.verdict()).toEqual([]);
  });

  test('merged buffers, chains, indirect tables and batches of used elements violate nothing', () => {
    const script = linkUp(new EventScript(ALL_RULES));

    script
      .send(0, 0, 3000)
      .publish(0, TX, 0, [readable(12), indirect(32), readable(1500, { index: 0 }), readable(1500, { index: 1 })])
      .kick(0);
    script.take(0, TX, 0).give(0, TX, 0).take(1, RX, 0).take(1, RX, 1);
    script.writeUsed(1, RX, 0, 1600).writeUsed(1, RX, 1, 1412, 1).place(1, 2, 3012).publishUsed(1, RX, 2);
    script.record(events.AVAIL_FLAGS_SEEN, 0, 1, 0).interrupt(0).interrupt(1).deliver(1, 0, 3000);
    script
      .publish(0, RX, 0, [writable(600), writable(1000)])
      .kick(0)
      .rest();

    expect(script.verdict()).toEqual([]);
    expect(script.outcome('NET-DEV-5.1.9.4.1-3', 1).outcome).toBe('held');
    expect(script.outcome('SPLIT-DRV-2.7.5.3.1-1').outcome).toBe('held');
  });

  test('indices that pass 65535 violate nothing', () => {
    const script = sinkUp(new EventScript(ALL_RULES), NO_MRG);

    // Two laps beyond the wrap; one frame in flight at a time, so heads and slots recur every lap.
    for (let number = 0; number < 65_600; number++) {
      script.publish(0, TX, number & 3, [readable(72)]).use(0, TX, number & 3, 0, 1);
    }
    script.kick(0).look(0, TX).rest();

    expect(script.verdict()).toEqual([]);
  });

  test('a polling driver without a bound interrupt is owed none', () => {
    const script = new EventScript(ALL_RULES);
    for (const port of [0, 1]) {
      script.record(events.CONNECTED, 0, port, 4, OFFER, 1, 0, 256).register(port).reinitialize(port);
      script.publish(port, RX, 0, [writable(1600)]).kick(port);
    }

    script
      .send(0, 0, 60)
      .publish(0, TX, 0, [readable(72)])
      .kick(0)
      .use(0, TX, 0);
    script.take(1, RX, 0).writeUsed(1, RX, 0, 72).place(1, 1, 72).publishUsed(1, RX).record(events.AVAIL_FLAGS_SEEN, 0, 1, 0);
    script
      .deliver(1, 0, 60)
      .publish(1, RX, 1, [writable(1600)])
      .kick(1)
      .rest();

    expect(script.verdict()).toEqual([]);
  });

  test('a lazy driver that never reclaims transmit buffers and one that kicks too often are left alone', () => {
    const script = sinkUp(new EventScript(ALL_RULES))
      .publish(0, RX, 0, [writable(1600)])
      .kick(0)
      .kick(0)
      .kick(0);

    for (let number = 0; number < 4; number++) {
      script
        .send(0, number, 60)
        .publish(0, TX, number, [readable(72)])
        .kick(0)
        .kick(0)
        .use(0, TX, number, 0, 1);
    }
    script.rest();

    expect(script.verdict()).toEqual([]);
  });

  test('a frame that waits for a receiver that never posted a buffer is that receiver’s fault', () => {
    const script = new EventScript(ALL_RULES)
      .bringUp(0)
      .bringUp(1)
      .publish(0, RX, 0, [writable(1600)])
      .kick(0);

    script
      .send(0, 0, 60)
      .publish(0, TX, 0, [readable(72)])
      .kick(0)
      .look(0, TX)
      .rest();

    expect(script.verdict()).toEqual(['NET-DRV-5.1.5-1@1 driver']);
  });
});

describe('the catalogue', () => {
  test('decides at least 60 virtio clauses that apply to the point-to-point link', () => {
    const decided = new Set(ALL_RULES.flatMap((rule) => rule.clauses));

    const count = [...decided].map(clauseOf).filter((clause) => clause.basis !== 'own' && clause.applies.includes('l4re-p2p')).length;

    // The floor the design sets; the README says how many there are.
    expect(count).toBeGreaterThanOrEqual(60);
  });

  test('leaves none of our own clauses undecided', () => {
    const decided = new Set([...ALL_RULES.flatMap((rule) => rule.clauses), REPETITION_CLAUSE]);

    const open = CLAUSES.filter((clause) => clause.basis === 'own' && !decided.has(clause.id)).map((clause) => clause.id);

    expect(open).toEqual([]);
  });

  test('decides each clause of the link or says why not', () => {
    const decided = new Set([...ALL_RULES.flatMap((rule) => rule.clauses), REPETITION_CLAUSE]);
    const applicable = CLAUSES.filter(
      (clause) => clause.level !== 'MAY' && (clause.basis === 'own' || clause.applies.includes('l4re-p2p')),
    );

    const wrong = applicable
      .filter((clause) => decided.has(clause.id) === (UNDECIDED_CLAUSES[clause.id] !== undefined))
      .map((clause) => clause.id);

    expect(wrong).toEqual([]);
    expect(Object.keys(UNDECIDED_CLAUSES).filter((id) => !applicable.some((clause) => clause.id === id))).toEqual([]);
  });

  test('knows every clause by its number and nothing else', () => {
    expect(clauseOf('INIT-DRV-3.1.1-1').actor).toBe('driver');
    expect(() => clauseOf('NO-SUCH-1')).toThrow('clauseOf: there is no clause "NO-SUCH-1"');
  });
});

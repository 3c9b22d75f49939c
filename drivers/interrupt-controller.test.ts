// Pending flags coalesce per line, masks nest.
import { describe, expect, it } from 'vitest';
import { InterruptController } from './interrupt-controller.js';

describe('InterruptController', () => {
  it('keeps one pending flag per line and gives the lowest line first', () => {
    const controller = new InterruptController();
    for (const line of [3, 0, 3, 30]) controller.raise(line);

    expect([controller.take(), controller.take(), controller.take(), controller.take()]).toEqual([0, 3, 30, -1]);
  });

  it('delivers only when every mask is gone', () => {
    const controller = new InterruptController();
    controller.mask();
    controller.mask();
    controller.raise(0);

    const seen = [controller.isDeliverable, controller.unmask(), controller.isDeliverable, controller.unmask(), controller.isDeliverable];

    expect(seen).toEqual([false, true, false, true, true]);
    expect([controller.unmask(), controller.hasPending]).toEqual([false, true]);
  });

  it('forgets pending interrupts and masks at a reset', () => {
    const controller = new InterruptController();
    controller.raise(1);
    controller.mask();

    controller.reset();

    expect([controller.hasPending, controller.unmask()]).toEqual([false, false]);
  });
});

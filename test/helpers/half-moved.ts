import type { SlotMoveStep, TestCluster, TestNode } from '../../src/testing/index.ts';

/** A slot that stays where its move has come to. */
export interface HalfMoved {
  readonly source: TestNode;
  readonly target: TestNode;
  /** Lets the move go on, and resolves when the slot has arrived. */
  finish(): Promise<void>;
}

/**
 * Moves a slot to another master, one key at a time, and holds it where `step` (and, for `keys`, `keysMoved`) is reached. Until
 * `finish` its keys are on both sides.
 */
export async function holdHalfMoved(
  cluster: TestCluster,
  slot: number,
  at: { readonly step: SlotMoveStep; readonly keysMoved?: number },
): Promise<HalfMoved> {
  const source = await cluster.masterOf(slot);
  const target = (await cluster.masters()).find((node) => node !== source);
  if (target === undefined) throw new Error('The cluster has one master only.');
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let moved: Promise<void> = Promise.resolve();
  await new Promise<void>((reached, failed) => {
    moved = cluster.moveSlots(source, target, [slot], {
      keysPerBatch: 1,
      onStep: async ({ step, keysMoved }) => {
        if (step !== at.step || keysMoved !== (at.keysMoved ?? keysMoved)) return;
        reached();
        await released;
      },
    });
    moved.then(() => failed(new Error('The move was over before it came to the step.')), failed);
  });
  return {
    source,
    target,
    async finish() {
      release();
      await moved;
    },
  };
}

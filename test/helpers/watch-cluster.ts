import { type Link, openLink } from '../../src/connection/link.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import type { TestNode } from '../../src/testing/test-node.ts';

/** Resolves as soon as `isSo` holds, looked at every few milliseconds. @throws Error naming `what` after `timeoutMs`. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** A key in this slot, found by trying. */
export function keyInSlot(slot: number, prefix = 'probe'): string {
  for (let n = 0; ; n++) {
    const key = `${prefix}:{${n}}`;
    if (keySlot(key) === slot) return key;
  }
}

/**
 * Writes to the node itself, past the client, until it accepts a write in the slot.
 * @returns when that was, on `performance.now()`: the moment from which the cluster itself serves the slot again.
 */
export async function untilServing(node: TestNode, slot: number, timeoutMs = 20_000): Promise<number> {
  const key = keyInSlot(slot);
  let link: Link | undefined;
  await until(
    `${node.address} accepts a write in slot ${slot}`,
    async () => {
      try {
        link ??= await openLink(node.address);
        await link.call('SET', key, '1', 'PX', 1000);
        return true;
      } catch {
        return false;
      }
    },
    timeoutMs,
  );
  const servedAt = performance.now();
  link?.destroy();
  return servedAt;
}

/** Sockets that this process has open now, whoever opened them. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

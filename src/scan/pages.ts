import { KeyScan } from './key-scan.ts';
import type { PageRequest } from './node-pass.ts';
import { slotOfPattern } from './pattern-slot.ts';
import type { ScanOptions } from './scan-options.ts';
import { SlotSet } from './slot-set.ts';

type Page = (string | Buffer)[];

/** The pages of a scan of the cluster, each key once if `unique` asks for it. */
export async function* keyPages(
  request: PageRequest,
  { match, unique }: ScanOptions,
  parallelism: number,
  untilKnown: () => Promise<unknown>,
): AsyncGenerator<Page, void, void> {
  await untilKnown();
  const slot = match === undefined ? undefined : slotOfPattern(match);
  const slots = slot === undefined ? SlotSet.all() : SlotSet.of(slot);
  const pages = new KeyScan(request, slots, parallelism).pages();
  yield* unique === true ? withoutRepeats(pages) : pages;
}

async function* withoutRepeats(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, void> {
  const met = new Set<string>();
  for await (const page of pages) {
    const fresh = page.filter((key) => {
      const before = met.size;
      return met.add(typeof key === 'string' ? key : key.toString('latin1')).size > before;
    });
    if (fresh.length > 0) yield fresh;
  }
}

/** The elements of pages, one by one. */
export async function* each<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T, void, void> {
  for await (const page of pages) yield* page;
}

/** The elements of pages, two by two. */
export async function* pairs<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<[T, T], void, void> {
  for await (const page of pages) {
    for (let i = 0; i + 1 < page.length; i += 2) yield [page[i] as T, page[i + 1] as T];
  }
}

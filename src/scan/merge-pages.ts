/**
 * Gives the pages of several sources as they come, asking up to `parallelism` sources at a time. Each of these is at most one page
 * ahead of the consumer; when it stops, all of them are ended. The first error of a source ends everything.
 */
export async function* mergePages<Page>(
  sources: readonly AsyncIterable<Page>[],
  parallelism: number,
): AsyncGenerator<Page, void, void> {
  const waiting = [...sources];
  const ready: { readonly page: Page; readonly onTaken: () => void }[] = [];
  let failure: { readonly error: unknown } | undefined;
  let running = 0;
  let isStopped = false;
  let wake = (): void => {};

  const offer = (page: Page): Promise<void> =>
    new Promise((resolve) => {
      ready.push({ page, onTaken: resolve });
      wake();
    });
  const drain = async (): Promise<void> => {
    try {
      for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
        for await (const page of source) {
          if (!isStopped) await offer(page);
          if (isStopped) return;
        }
      }
    } catch (error) {
      failure ??= { error };
    } finally {
      running--;
      wake();
    }
  };

  running = Math.min(parallelism, sources.length);
  for (let i = running; i > 0; i--) void drain();
  try {
    for (;;) {
      const next = ready.shift();
      if (next !== undefined) {
        next.onTaken();
        yield next.page;
      } else if (failure !== undefined) throw failure.error;
      else if (running === 0) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    isStopped = true;
    for (const { onTaken } of ready) onTaken();
  }
}

import type { ClusterClient } from 'slotwise';
import { figure, heading, ProgressBar, say } from './screen.ts';
import type { Verdict } from './verdict.ts';

const IN_FLIGHT = 500;

/** Step 4: typed commands, and many keys written and read back, every reply compared with what it must be. */
export async function setAndGet(client: ClusterClient, keys: number, verdict: Verdict): Promise<void> {
  heading(4, `Typed set and get of ${figure(keys)} keys`);
  await showTypes(client, verdict);
  let stored = 0;
  await forEachKey('set', keys, async (i) => {
    const reply: string | null = await client.set(keyOf(i), textOf(i));
    if (reply === 'OK') stored++;
  });
  const right = await countRight(client, keys);
  verdict.check(`${figure(stored)} values stored, ${figure(right)} read back right`, stored === keys && right === keys);
}

/** Whether the keys of step 4 are still what they were, after all that has happened to the cluster. */
export async function readBack(client: ClusterClient, keys: number, verdict: Verdict): Promise<void> {
  const right = await countRight(client, keys);
  verdict.check(`${figure(right)} of the ${figure(keys)} values from step 4 are still right`, right === keys);
}

async function countRight(client: ClusterClient, keys: number): Promise<number> {
  let right = 0;
  await forEachKey('get', keys, async (i) => {
    const reply: string | null = await client.get(keyOf(i));
    if (reply === textOf(i)) right++;
  });
  return right;
}

function keyOf(i: number): string {
  return `user:${i}`;
}

function textOf(i: number): string {
  return `{"id":${i},"name":"user ${i}"}`;
}

async function showTypes(client: ClusterClient, verdict: Verdict): Promise<void> {
  const reply = await client.set('user:ada', 'Ada', 'EX', 60);
  const name: string | null = await client.get('user:ada');
  const absent: string | null = await client.get('user:nobody');
  const visits = await client.incr('visits');
  await client.hset('profile:ada', { language: 'Ada', since: 1815 });
  const profile: Record<string, string> = await client.hgetall('profile:ada');
  const bytes: Buffer | null = await client.getBuffer('user:ada');
  say(
    `  set('user:ada', 'Ada', 'EX', 60)   ${JSON.stringify(reply)}`,
    `  get('user:ada')                    ${JSON.stringify(name)}`,
    `  get('user:nobody')                 ${absent}`,
    `  incr('visits')                     ${visits}`,
    `  hgetall('profile:ada')             ${JSON.stringify(profile)}`,
    `  getBuffer('user:ada')              <Buffer ${bytes?.toString('hex')}>`,
  );
  const isRight =
    reply === 'OK' &&
    name === 'Ada' &&
    absent === null &&
    visits === 1 &&
    profile['since'] === '1815' &&
    bytes?.length === 3;
  verdict.check('strings, null, numbers, objects and Buffers, as their types say', isRight);
}

/** Does `work` for each number below `count`, some hundred at a time; the client makes pipelines of what is concurrent. */
async function forEachKey(label: string, count: number, work: (i: number) => Promise<void>): Promise<void> {
  const bar = new ProgressBar(label, count, 'keys');
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      await work(next++);
      bar.show(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, worker));
}

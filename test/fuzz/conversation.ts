import fc from 'fast-check';
import { ClusterClient } from '../../src/client/cluster-client.ts';
import { SlotwiseError } from '../../src/errors.ts';
import { keySlot } from '../../src/slots/key-slot.ts';
import { cut, type FakeAnswer, FakeNode, type FakeRequest, fakeId } from '../helpers/fake-node.ts';
import { encodeReply, errorReply } from '../helpers/fake-reply.ts';
import { until } from '../helpers/watch-cluster.ts';

/** What a scripted node does about one command that reaches it. */
const behaviours = [
  'answer',
  'fail',
  'moved',
  'movedToItself',
  'malformedMoved',
  'ask',
  'tryAgain',
  'clusterDown',
  'loading',
  'masterDown',
  'readOnly',
  'cutBefore',
  'cutAfter',
  'garbage',
] as const;
type Behaviour = (typeof behaviours)[number];

/** What a scripted node answers to CLUSTER SLOTS. */
const tables = ['right', 'empty', 'null', 'error', 'outOfRange', 'stranger', 'half'] as const;
type Table = (typeof tables)[number];

/** The un-awaited commands of one caller on one key, and what the nodes do about those that arrive, in order of arrival. */
interface Conversation {
  readonly commands: readonly ('APPEND' | 'GET')[];
  readonly script: readonly Behaviour[];
}

interface Batch {
  readonly conversations: readonly Conversation[];
  readonly tables: readonly Table[];
}

// What ends a connection ends it for all conversations: often enough to matter, seldom enough for others to come through.
const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(...behaviours.slice(0, 11)) },
  { weight: 1, arbitrary: fc.constantFrom(...behaviours.slice(11)) },
);
const conversation: fc.Arbitrary<Conversation> = fc.record({
  commands: fc.array(fc.constantFrom('APPEND', 'APPEND', 'GET'), { minLength: 1, maxLength: 4 }),
  script: fc.array(behaviour, { maxLength: 4 }),
});
const BATCH_SIZE = 100;
const batch: fc.Arbitrary<Batch> = fc.record({
  conversations: fc.array(conversation, { minLength: BATCH_SIZE, maxLength: BATCH_SIZE }),
  tables: fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant('right') }, fc.constantFrom(...tables)), {
    maxLength: 8,
  }) as fc.Arbitrary<Table[]>,
});

const WORLDS = 6;
/** Longer than any script can keep a command waiting: who times out has been forgotten. */
const TIMEOUT_MS = 10_000;

/**
 * A command was turned away: as a real server would, the node turns away likewise what it had in hand behind that one, until that
 * one is back.
 */
interface Refusal {
  readonly number: number;
  readonly behaviour: Behaviour;
  readonly node: FakeNode;
  readonly connection: number;
  readonly also: Set<number>;
}

const refusals: ReadonlySet<Behaviour> = new Set([
  'moved',
  'movedToItself',
  'ask',
  'clusterDown',
  'loading',
  'masterDown',
  'readOnly',
]);

/** One conversation while it runs: what has arrived at the nodes, and what they did. */
class Story {
  readonly key: string;
  readonly slot: number;
  readonly #conversation: Conversation;
  /** Numbers of the commands that a node executed, in that order. */
  readonly executed: number[] = [];
  readonly #failed = new Set<number>();
  readonly #disorders: string[] = [];
  #refusal: Refusal | undefined;
  #arrived = 0;

  constructor(key: string, conversation: Conversation) {
    this.key = key;
    this.slot = keySlot(key);
    this.#conversation = conversation;
  }

  answer(request: FakeRequest, here: FakeNode, there: FakeNode): FakeAnswer {
    const number = Number(request.args[1] ?? -1);
    const { connection } = request;
    const refusal = this.#refusal;
    if (number === refusal?.number) this.#refusal = undefined;
    else if (refusal !== undefined && this.#isBehindRefused(number, here, connection)) {
      if (refusal.also.has(number)) this.#disorders.push(`${number} was sent again before ${refusal.number}`);
      refusal.also.add(number);
      return this.#act(refusal.behaviour, number, here, there);
    }
    const behaviour = this.#conversation.script[this.#arrived++] ?? 'answer';
    if (number !== -1 && refusals.has(behaviour) && !this.#isBehindRefused(number, here, connection)) {
      this.#refusal = { number, behaviour, node: here, connection, also: new Set() };
    }
    return this.#act(behaviour, number, here, there);
  }

  /** On another connection the one that was turned away before is not waited for: it may have been lost on its way. */
  #isBehindRefused(number: number, node: FakeNode, connection: number): boolean {
    const refusal = this.#refusal;
    return refusal?.node === node && refusal.connection === connection && number > refusal.number;
  }

  #act(behaviour: Behaviour, number: number, here: FakeNode, there: FakeNode): FakeAnswer {
    switch (behaviour) {
      case 'answer':
        return this.#execute(number);
      case 'fail':
        this.#failed.add(number);
        return errorReply('WRONGTYPE Operation against a key holding the wrong kind of value');
      case 'moved':
        return errorReply(`MOVED ${this.slot} ${there.address}`);
      case 'movedToItself':
        return errorReply(`MOVED ${this.slot} ${here.address}`);
      case 'malformedMoved':
        return errorReply('MOVED __proto__ 127.0.0.1:7000');
      case 'ask':
        return errorReply(`ASK ${this.slot} ${there.address}`);
      case 'tryAgain':
        return errorReply('TRYAGAIN Multiple keys request during rehashing of slot');
      case 'clusterDown':
        return errorReply('CLUSTERDOWN The cluster is down');
      case 'loading':
        return errorReply('LOADING Redis is loading the dataset in memory');
      case 'masterDown':
        return errorReply('MASTERDOWN Link with MASTER is down');
      case 'readOnly':
        return errorReply("READONLY You can't write against a read only replica.");
      case 'cutBefore':
        return cut;
      case 'cutAfter':
        this.#execute(number);
        return cut;
      case 'garbage':
        return Buffer.from('?what\r\n');
    }
  }

  #execute(number: number): Buffer {
    if (number === -1) return encodeReply(this.key);
    this.executed.push(number);
    return encodeReply(number);
  }

  /** Issues all commands at once and resolves when all are settled. @throws Error saying which promise was broken. */
  async run(client: ClusterClient): Promise<void> {
    const outcomes = this.#conversation.commands.map((name, number) =>
      name === 'GET' ? client.get(this.key) : client.append(this.key, String(number)),
    );
    const settled = await Promise.allSettled(outcomes);
    for (const [number, outcome] of settled.entries()) this.#judge(number, outcome);
    // Those that are told to try again do not keep the order.
    if (this.#conversation.script.includes('tryAgain')) return;
    const isOrdered = this.executed.every((number, i) => i === 0 || number > (this.executed[i - 1] ?? -1));
    if (!isOrdered) this.#disorders.push(`executed in the order ${this.executed.join()}`);
    if (this.#disorders.length > 0)
      throw new Error(`${this.#disorders.join('; ')} in ${JSON.stringify(this.#conversation)}`);
  }

  #judge(number: number, outcome: PromiseSettledResult<unknown>): void {
    const isRead = this.#conversation.commands[number] === 'GET';
    const times = this.executed.filter((each) => each === number).length;
    const what = `${this.#conversation.commands[number]} number ${number}`;
    if (times > 1) throw new Error(`${what} was executed ${times} times`);
    if (outcome.status === 'fulfilled') {
      const expected = isRead ? this.key : number;
      if (outcome.value !== expected) throw new Error(`${what} was answered ${String(outcome.value)}`);
      if (!isRead && times !== 1) throw new Error(`${what} was answered and never executed`);
      return;
    }
    const error: unknown = outcome.reason;
    if (!(error instanceof SlotwiseError)) throw new Error(`${what} failed with ${String(error)}`, { cause: error });
    if (error.message.includes(this.key)) throw new Error(`${what}: its error tells the key`);
    if (!allowedCodes.has(error.code)) throw new Error(`${what} failed: ${error.message}`, { cause: error });
    if (error.executed === 'no' && times > 0) throw new Error(`${what} was executed, and its error denies it`);
    if (error.executed === 'yes' && !this.#failed.has(isRead ? -1 : number))
      throw new Error(`${what} was not executed`);
  }
}

const allowedCodes: ReadonlySet<string> = new Set(['WRONGTYPE', 'PROTOCOL', 'CONNECTION_LOST', 'TOO_MANY_REDIRECTS']);

/** Two scripted nodes and a client, over which batches run one after the other. */
class World {
  readonly #nodes: readonly [FakeNode, FakeNode];
  readonly #client: ClusterClient;
  readonly #stories = new Map<string, Story>();
  #tables: Table[] = [];
  #count = 0;

  private constructor(nodes: readonly [FakeNode, FakeNode]) {
    this.#nodes = nodes;
    this.#client = new ClusterClient(
      nodes.map((node) => node.address),
      { timeoutMs: TIMEOUT_MS },
    );
    for (const node of nodes) {
      const other = node === nodes[0] ? nodes[1] : nodes[0];
      for (const name of ['GET', 'APPEND']) {
        node.on(name, (request) => {
          const story = this.#stories.get(request.args[0] ?? '');
          return story === undefined ? errorReply('ERR nobody asks for this key') : story.answer(request, node, other);
        });
      }
      node.on('CLUSTER', ({ args }) => this.#tell(args[0]?.toUpperCase() ?? ''));
    }
  }

  static async make(): Promise<World> {
    const world = new World([await FakeNode.start(), await FakeNode.start()]);
    await world.#client.connect();
    return world;
  }

  async run({ conversations, tables }: Batch): Promise<void> {
    this.#tables = [...tables];
    for (const node of this.#nodes) node.requests.length = 0;
    const stories = conversations.map((each) => new Story(`key:${this.#count++}`, each));
    for (const story of stories) this.#stories.set(story.key, story);
    await Promise.all(stories.map((story) => story.run(this.#client)));
    this.#stories.clear();
    const { pending } = this.#client;
    if (pending !== 0) throw new Error(`${pending} commands are pending after all were settled`);
  }

  async end(): Promise<void> {
    await this.#client.close();
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }

  #tell(subcommand: string): Buffer {
    if (subcommand === 'INFO') return encodeReply('cluster_current_epoch:1\r\n');
    const [first, second] = this.#nodes;
    const row = (start: number, end: number, { port }: FakeNode) => [start, end, ['127.0.0.1', port, fakeId(port)]];
    switch (this.#tables.shift() ?? 'right') {
      case 'right':
        return encodeReply([row(0, 8_191, first), row(8_192, 16_383, second)]);
      case 'empty':
        return encodeReply([]);
      case 'null':
        return encodeReply(null);
      case 'error':
        return errorReply('ERR not now');
      case 'outOfRange':
        return encodeReply([[0, 4_294_967_295, ['127.0.0.1', first.port, fakeId(first.port)]]]);
      case 'stranger':
        return encodeReply([[0, 16_383, ['127.0.0.1', 7_000, 'f'.repeat(40)]]]);
      case 'half':
        return encodeReply([row(0, 8_191, first)]);
    }
  }
}

/**
 * Throws a counterexample, with its seed, if in `cases` random conversations between a client and two scripted nodes a promise
 * is not settled, an answer goes to the wrong caller, a command is executed twice or out of order, or an error does not tell
 * the truth about that.
 */
export async function fuzzConversations(cases: number, seed?: number): Promise<void> {
  // Mostly they wait: several side by side cost no more time.
  const worlds = Array.from({ length: WORLDS }, (_, i) =>
    fuzzOneWorld(Math.ceil(cases / WORLDS), seed === undefined ? undefined : seed + i),
  );
  await Promise.all(worlds);
}

async function fuzzOneWorld(cases: number, seed: number | undefined): Promise<void> {
  const world = await World.make();
  try {
    const numRuns = Math.ceil(cases / BATCH_SIZE);
    const property = fc.asyncProperty(batch, (input) => world.run(input));
    await fc.assert(property, { numRuns, ...(seed === undefined ? {} : { seed }), endOnFailure: true });
  } finally {
    await world.end();
  }
}

const token = fc.constantFrom(
  ...[
    '$',
    '*',
    ':',
    '+',
    '-',
    '%',
    '>',
    '_',
    '#',
    '\r\n',
    '\r',
    '\n',
    '-1',
    '0',
    '1',
    '9',
    '99999999999',
    'OK',
    'x',
    ' ',
  ],
  ...[
    'MOVED 0 ',
    'ASK 0 ',
    '127.0.0.1:',
    '+OK\r\n',
    ':1\r\n',
    '$-1\r\n',
    '*1\r\n',
    '$3\r\nabc\r\n',
    '-ERR x\r\n',
    '\0',
    '\xff',
  ],
);
const hostileBytes = fc
  .array(token, { minLength: 1, maxLength: 12 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
/** Until a command is given up that gets only part of a reply. */
const PATIENCE_MS = 40;
/** Nodes that are hostile at the same time, each with a client of its own. */
const HOSTILE_PAIRS = 16;

/**
 * Throws a counterexample if a client that is answered random bytes does not settle its command in time with a reply or one of
 * our errors, or cannot go on as soon as its node behaves again.
 */
export async function fuzzHostileBytes(cases: number, seed?: number): Promise<void> {
  const perPair = Math.ceil(cases / HOSTILE_PAIRS);
  const pairs = Array.from({ length: HOSTILE_PAIRS }, (_, i) =>
    fuzzOneHostileNode(perPair, seed === undefined ? undefined : seed + i),
  );
  await Promise.all(pairs);
}

async function fuzzOneHostileNode(cases: number, seed: number | undefined): Promise<void> {
  const node = await FakeNode.start();
  node.on('GET', ({ args }) => encodeReply(args[0] ?? ''));
  const client = new ClusterClient(node.address, { timeoutMs: TIMEOUT_MS });
  let number = 0;
  const property = fc.asyncProperty(hostileBytes, async (bytes) => {
    const lost = client.counters.connectionFailures;
    node.next('SET', () => bytes);
    try {
      await client.with({ timeoutMs: PATIENCE_MS }).set('key', 'value');
    } catch (error) {
      if (!(error instanceof SlotwiseError)) throw new Error(`failed with ${String(error)}`, { cause: error });
    }
    // Whatever is left of the bytes must not be taken for an answer to somebody else.
    node.cut();
    await until('the connection is lost', () => client.counters.connectionFailures > lost, 5_000);
    const key = `key:${number++}`;
    const reply = await client.get(key);
    if (reply !== key) throw new Error(`GET ${key} was answered ${String(reply)}`);
    node.requests.length = 0;
  });
  try {
    await client.connect();
    await fc.assert(property, { numRuns: cases, ...(seed === undefined ? {} : { seed }), endOnFailure: true });
  } finally {
    client.destroy();
    await node.stop();
  }
}

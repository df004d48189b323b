import { setTimeout as delay } from 'node:timers/promises';
import type { TestCluster } from '../../src/testing/test-cluster.ts';
import type { TestNode } from '../../src/testing/test-node.ts';
import type { ProxiedServers } from '../../test/helpers/proxy.ts';

/** Chooses at random; the same seed makes the same choices. */
export type Random = () => number;

/** What a fault can be done to. */
export interface Scene {
  readonly cluster: TestCluster;
  readonly servers: ProxiedServers;
  readonly random: Random;
  /** Slots in which the load has keys. */
  readonly slots: readonly number[];
}

/** Something that happens to clusters. It resolves when it is over; the cluster may need a while longer to be well. */
export interface Fault {
  readonly name: string;
  /** How often it is chosen, compared with others. */
  readonly weight: number;
  /** It lasts so long that commands may run out of time. */
  readonly outlastsCommands?: boolean;
  run(scene: Scene): Promise<void>;
}

function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to choose from.');
  return item;
}

async function aMaster({ cluster, random }: Scene): Promise<TestNode> {
  return pick(await cluster.masters(), random);
}

async function aReplica(scene: Scene): Promise<TestNode> {
  const masters = await scene.cluster.masters();
  return pick(
    scene.cluster.nodes.filter((node) => !masters.includes(node)),
    scene.random,
  );
}

async function killAndRestart(scene: Scene, nodes: readonly TestNode[], downMs: number): Promise<void> {
  await Promise.all(nodes.map((node) => scene.cluster.kill(node)));
  await delay(downMs);
  await Promise.all(nodes.map((node) => scene.cluster.restart(node)));
}

async function freeze(scene: Scene, node: TestNode, frozenMs: number): Promise<void> {
  await scene.cluster.pause(node);
  await delay(frozenMs);
  await scene.cluster.resume(node);
}

async function moveSomeSlots(scene: Scene): Promise<void> {
  const from = await aMaster(scene);
  const to = pick(
    (await scene.cluster.masters()).filter((node) => node !== from),
    scene.random,
  );
  const slots: number[] = [];
  const first = Math.floor(scene.random() * scene.slots.length);
  for (let i = 0; i < scene.slots.length && slots.length < 15; i++) {
    const slot = scene.slots[(first + i) % scene.slots.length] ?? 0;
    if ((await scene.cluster.masterOf(slot)) === from) slots.push(slot);
  }
  await scene.cluster.moveSlots(from, to, slots, { keysPerBatch: 1 });
}

async function disturbConnections(scene: Scene): Promise<void> {
  const proxies = [...scene.servers.proxies.values()];
  for (let round = 0; round < 10; round++) {
    const proxy = pick(proxies, scene.random);
    if (scene.random() < 0.5) proxy.cut();
    else proxy.loseNextReply();
    await delay(100 + scene.random() * 200);
  }
}

export const faults: readonly Fault[] = [
  {
    name: 'a master is killed',
    weight: 4,
    run: async (scene) => killAndRestart(scene, [await aMaster(scene)], 4_000),
  },
  {
    name: 'a replica is killed',
    weight: 2,
    run: async (scene) => killAndRestart(scene, [await aReplica(scene)], 1_500),
  },
  {
    name: 'a whole shard is gone for a while',
    weight: 2,
    async run(scene) {
      const master = await aMaster(scene);
      await killAndRestart(scene, [master, ...(await scene.cluster.replicasOf(master))], 3_000);
    },
  },
  {
    name: 'a master is frozen until it has a successor',
    weight: 4,
    run: async (scene) => freeze(scene, await aMaster(scene), 5_000 + scene.random() * 2_000),
  },
  {
    name: 'a master is frozen for a moment',
    weight: 3,
    run: async (scene) => freeze(scene, await aMaster(scene), scene.random() * 1_200),
  },
  {
    name: 'a planned failover',
    weight: 4,
    run: async (scene) => scene.cluster.failover(await aReplica(scene)),
  },
  { name: 'slots move', weight: 4, run: moveSomeSlots },
  {
    name: 'a node restarts in good order',
    weight: 3,
    run: async (scene) => scene.cluster.restart(pick(scene.cluster.nodes, scene.random)),
  },
  { name: 'connections are cut and replies lost', weight: 3, run: disturbConnections },
  {
    name: 'a firewall forgets the connections to a node',
    weight: 2,
    async run(scene) {
      scene.servers.before(pick(scene.cluster.nodes, scene.random)).forget();
      await delay(8_000);
    },
  },
  {
    name: 'a server drops its clients',
    weight: 2,
    async run(scene) {
      for (const node of scene.cluster.nodes) await node.call('CLIENT', 'KILL', 'TYPE', 'normal');
    },
  },
  {
    name: 'writes are paused',
    weight: 1,
    async run(scene) {
      await (await aMaster(scene)).call('CLIENT', 'PAUSE', '1500', 'WRITE');
      await delay(1_500);
    },
  },
  {
    name: 'a master is busy',
    weight: 2,
    run: async (scene) => void (await (await aMaster(scene)).call('DEBUG', 'SLEEP', '1')),
  },
  {
    name: 'a node takes bytes slowly',
    weight: 1,
    async run(scene) {
      const proxy = scene.servers.before(pick(scene.cluster.nodes, scene.random));
      proxy.stopReading();
      await delay(1_500);
      proxy.resume();
    },
  },
  {
    name: 'everything is down for 5 s',
    weight: 1,
    run: async (scene) => killAndRestart(scene, scene.cluster.nodes, 5_000),
  },
];

/** What happens once in a long soak. */
export const longOutage: Fault = {
  name: 'everything is down for 30 s',
  weight: 0,
  outlastsCommands: true,
  run: async (scene) => killAndRestart(scene, scene.cluster.nodes, 30_000),
};

export function chooseFault(random: Random): Fault {
  let left = random() * faults.reduce((sum, fault) => sum + fault.weight, 0);
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  return pick(faults, random);
}

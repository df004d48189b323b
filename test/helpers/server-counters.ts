/** What can be asked for its counters: a node of a test cluster. */
interface Asked {
  call(...args: string[]): Promise<unknown>;
}

/** Connections that the server has accepted since its start, the one that asks included. */
export function acceptedConnections(node: Asked): Promise<number> {
  return read(node, 'stats', /total_connections_received:(\d+)/);
}

/** How often the server has executed the command (`get`, `cluster|slots`) since its start. */
export function executedCalls(node: Asked, command: string): Promise<number> {
  return read(node, 'commandstats', new RegExp(`cmdstat_${command.replace('|', '\\|')}:calls=(\\d+)`));
}

/** How often the server has answered with this error (`MOVED`) since its start. */
export function errorReplies(node: Asked, code: string): Promise<number> {
  return read(node, 'errorstats', new RegExp(`errorstat_${code}:count=(\\d+)`));
}

/** The sum of one counter over nodes. */
export async function sumOver<T>(nodes: readonly T[], count: (node: T) => Promise<number>): Promise<number> {
  const counts = await Promise.all(nodes.map(count));
  return counts.reduce((sum, each) => sum + each, 0);
}

async function read(node: Asked, section: string, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(String(await node.call('INFO', section)))?.[1] ?? 0);
}

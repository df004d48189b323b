import { writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { type CommandFact, factsFile, loadFacts } from './generate/facts.ts';
import { factsOfServer, type ServerFact } from './generate/server-facts.ts';

/**
 * Brings the vendored facts up to date with a running server: commands that are new to us are added, and for the others the server's
 * word replaces what we had. Reply schemas, which no server gives, are kept. Then `scripts/generate.ts` makes code of it.
 *
 *     npx tsx scripts/refresh-facts.ts --server 127.0.0.1:6379
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { server: { type: 'string', default: '127.0.0.1:6379' } } });
  const colon = values.server.lastIndexOf(':');
  const socket = createConnection({
    host: values.server.slice(0, colon),
    port: Number(values.server.slice(colon + 1)),
  });
  try {
    const [information, commands, documentation] = await ask(socket, [
      ['INFO', 'server'],
      ['COMMAND'],
      ['COMMAND', 'DOCS'],
    ]);
    const server = serverName(String(information));
    const known = new Map(loadFacts().map((fact) => [fact.name, fact]));
    const fresh = factsOfServer(commands, documentation);
    for (const fact of fresh) known.set(fact.name, merged(known.get(fact.name), fact, server));
    const lines = [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((fact) => JSON.stringify(fact));
    writeFileSync(factsFile, `[\n${lines.join(',\n')}\n]\n`);
    console.log(`${server}: ${fresh.length} commands; ${known.size} are known. Now: npx tsx scripts/generate.ts`);
  } finally {
    socket.destroy();
  }
}

/**
 * The families differ: where both have a command, Valkey's word counts, and of one family that of its newest version; `since`
 * is the earliest.
 */
function merged(old: CommandFact | undefined, fresh: ServerFact, server: string): CommandFact {
  if (old === undefined) return { ...fresh, servers: [server] };
  const family = familyOf(server);
  const release = server.slice(0, server.indexOf('.'));
  const others = old.servers.filter((each) => !each.startsWith(`${release}.`));
  const isNewest = others.every((each) => familyOf(each) !== family || versionOf(each) < versionOf(server));
  const isLeading = family === 'valkey' || others.every((each) => familyOf(each) === family);
  const base = isNewest && isLeading ? { ...old, ...fresh } : old;
  const since = [old.since, fresh.since].filter((each) => each !== undefined).sort(compareVersions)[0];
  return { ...base, ...(since === undefined ? {} : { since }), servers: [...others, server].sort() };
}

function familyOf(server: string): string {
  return server.slice(0, server.lastIndexOf('-'));
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function versionOf(server: string): number {
  return Number.parseFloat(server.slice(server.lastIndexOf('-') + 1));
}

function serverName(information: string): string {
  const valkey = /valkey_version:(\S+)/.exec(information)?.[1];
  if (valkey !== undefined) return `valkey-${valkey}`;
  return `redis-${/redis_version:(\S+)/.exec(information)?.[1] ?? 'unknown'}`;
}

/** Sends the commands and gives their replies. */
async function ask(socket: Socket, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  const { default: Parser } = await import('redis-parser');
  return new Promise((resolve, reject) => {
    const replies: unknown[] = [];
    const parser = new Parser({
      returnReply: (reply: unknown) => {
        if (replies.push(reply) === commands.length) resolve(replies);
      },
      returnError: reject,
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => parser.execute(chunk));
    for (const words of commands) {
      socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
    }
  });
}

await main();

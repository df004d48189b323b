/** Extra directives of the server's configuration file; several values make several lines. */
export type ServerDirectives = Readonly<Record<string, string | number | readonly string[]>>;

export interface NodeConfig {
  readonly port: number;
  readonly busPort: number;
  readonly nodeTimeoutMs: number;
  readonly directives: ServerDirectives;
}

/**
 * The configuration file of one node, complete: data and cluster state in files named by its port, within the folder that the
 * server is started in. The given directives come last, so that they win.
 */
export function nodeConfigText(config: NodeConfig): string {
  const { port, busPort, nodeTimeoutMs } = config;
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    'protected-mode no',
    'daemonize no',
    'cluster-enabled yes',
    `cluster-config-file nodes-${port}.conf`,
    `cluster-node-timeout ${nodeTimeoutMs}`,
    // Every server takes port + 10000 by itself; only those from Redis 7 on can be told another.
    ...(busPort === port + 10_000 ? [] : [`cluster-port ${busPort}`]),
    'appendonly yes',
    `appendfilename "appendonly.${port}.aof"`,
    'save ""',
    // Replicas are in step at once, instead of five seconds later for the benefit of others that might come.
    'repl-diskless-sync-delay 0',
    // CLUSTER SLOTS leaves out a replica that has received nothing yet; a ping counts, and comes after 10 s by default.
    'repl-ping-replica-period 1',
    ...Object.entries(config.directives).flatMap(([name, value]) =>
      (typeof value === 'object' ? value : [value]).map((each) => `${name} ${directiveValue(each)}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** An empty value has to be quoted to be one. */
function directiveValue(value: string | number): string {
  return value === '' ? '""' : String(value);
}

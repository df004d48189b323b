/** What a contestant is asked to do. Each returns what that client's own users get; only sizes are compared. */
export interface Operations {
  get(key: string): Promise<unknown>;
  getBuffer(key: string): Promise<unknown>;
  set(key: string, value: string | Buffer): Promise<unknown>;
  /** Keys of any slots; a client that cannot do this is given what its users write instead. */
  mget(keys: readonly string[]): Promise<unknown>;
  incr(key: string): Promise<unknown>;
  lrange(key: string, start: number, stop: number): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  xrange(key: string): Promise<unknown>;
  /** Several GETs as one batch, keys of any slots. Absent where the client has no such thing. */
  pipeline?(keys: readonly string[]): Promise<unknown>;
  /** SETs of one slot as one transaction. */
  transaction?(keys: readonly string[], value: string): Promise<unknown>;
  /** A script on one key, by its hash; the nodes know it already. */
  script?(sha: string, key: string): Promise<unknown>;
  /** Visits every key of the cluster and returns how many it saw. */
  scan?(): Promise<number>;
}

export interface Contestant extends Operations {
  close(): Promise<unknown>;
}

/** Connects to a cluster; resolves when commands may be sent. */
export type Connect = (host: string, port: number) => Promise<Contestant>;

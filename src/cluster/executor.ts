import { Backlog } from '../commands/backlog.ts';
import {
  type CallSettings,
  Command,
  type CommandOrigin,
  type CommandOwner,
  CommandState,
  unstarted,
} from '../commands/command.ts';
import { factsOf } from '../commands/command-error.ts';
import { CommandFlag, type CommandSpec, type WireArgument } from '../commands/command-spec.ts';
import { WaitingLine } from '../commands/waiting-line.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import type { PoolOptions } from '../connection/node.ts';
import { Nodes } from '../connection/nodes.ts';
import {
  addFacts,
  ClientClosedError,
  ClusterError,
  CommandAbortedError,
  ProtocolError,
  ReplyError,
  type SlotwiseError,
} from '../errors.ts';
import { Counters } from '../observability/counters.ts';
import { retryLog, topologyLog } from '../observability/log.ts';
import type { Redirect } from '../protocol/server-error.ts';
import { diffTopology, hasChanges, type TopologyDiff } from '../topology/diff-topology.ts';
import { type RefresherOptions, type RefresherOwner, TopologyRefresher, type Urgency } from '../topology/refresher.ts';
import type { NoSeedError } from '../topology/seed-race.ts';
import { type ShardRange, Topology, topologyNode } from '../topology/topology.ts';
import type { View } from '../topology/view.ts';
import { type Address, formatAddress } from '../util/address.ts';
import { nowMs } from '../util/clock.ts';
import { DeadlineTimer } from '../util/deadline-timer.ts';
import { AbortWatch } from './abort-watch.ts';
import { BlockedCommands } from './blocked-commands.ts';
import { Handover } from './handover.ts';
import { LaneWatch } from './lane-watch.ts';
import { Later } from './later.ts';
import { decideRetry, hopDelayMs, type RetryDecision, tooManyRedirects } from './retry.ts';
import { isReplicaRead, Routes } from './routes.ts';
import { SlotGates } from './slot-gates.ts';
import { type Bounds, turnAway } from './turn-away.ts';

export interface ExecutorOptions extends ConnectionOptions, PoolOptions, RefresherOptions, Bounds {}

/** What the client hears of. */
export interface ExecutorOwner {
  /** It begins to look for the cluster. */
  onStart(): void;
  /** A first topology, a changed one, or (with nothing in the diff) the same one after the cluster was out of reach. */
  onTopology(diff: TopologyDiff): void;
  /** Neither nodes nor seeds could be asked; it goes on trying. */
  onUnreachable(error: NoSeedError): void;
}

/** A node that a redirect named is kept this long, though the topology may not list it yet. */
const REDIRECT_KEEP_MS = 10_000;
/** While reads want replicas and a shard has none, the topology is asked for this often. */
const SEEK_REPLICAS_MS = 2_000;

/**
 * Sends commands to the nodes that serve them and sees them through: redirects, retries, order and deadlines. The only place
 * where a command is ever sent again.
 */
export class Executor implements CommandOwner, RefresherOwner {
  pending = 0;
  readonly counters = new Counters();
  /** What waits unsent: because a node is out of reach, silent, or takes no more. */
  readonly backlog = new Backlog();
  readonly #options: ExecutorOptions;
  readonly #owner: ExecutorOwner;
  readonly #nodes: Nodes;
  readonly #routes: Routes;
  readonly #refresher: TopologyRefresher;
  readonly #gates = new SlotGates(
    {
      release: (command) => this.submit(command),
      sendAlone: (command) => this.#sendAlone(command),
      isReachable: (slot) => this.#routes.masterOf(slot)?.laneOf(slot).isReachable !== false,
    },
    this.backlog,
  );
  readonly #later = new Later((command) => this.submit(command), this.backlog);
  /** Commands that wait for the first topology. */
  readonly #held = new WaitingLine(this.backlog);
  readonly #heldDeadlines = new DeadlineTimer((now) => this.#held.expire(now, (command) => this.#whyHeld(command)));
  readonly #aborts = new AbortWatch((command, signal) => this.#abort(command, signal));
  readonly #handover: Handover;
  readonly #watch: LaneWatch;
  readonly blocked: BlockedCommands;
  #ranges: readonly ShardRange[] = [];
  #sequence = 0;
  /** Why new commands are refused, once the client closes. */
  #refusal: SlotwiseError | undefined;
  #isDestroyed = false;
  /** On the clock of `nowMs()`. */
  #nextSeekAt = 0;
  /** Neither nodes nor seeds answered the latest refresh: why. */
  #unreachable: NoSeedError | undefined;

  constructor(options: ExecutorOptions, owner: ExecutorOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#watch = new LaneWatch(this.backlog, this.counters, options, {
      refresh: (urgency) => this.#refresher.request(urgency),
      dropIfReplaced: (lane) => this.#handover.dropIfReplaced(lane),
      release: (lane) => this.#gates.wake((slot) => this.#routes.masterOf(slot)?.laneOf(slot) === lane),
    });
    this.#nodes = new Nodes(options, this.#watch);
    this.#routes = new Routes(this.#nodes);
    this.#handover = new Handover(this.#nodes, this.#routes, this.#gates);
    this.blocked = new BlockedCommands(this.#nodes, this);
    this.#refresher = new TopologyRefresher(options, this.#nodes, this);
  }

  get topology(): Topology {
    return this.#routes.topology;
  }

  get nodes(): Nodes {
    return this.#nodes;
  }

  get routes(): Routes {
    return this.#routes;
  }

  /** See {@link TopologyRefresher.seedTrouble}. */
  get seedTrouble(): NoSeedError | undefined {
    return this.#refresher.seedTrouble;
  }

  /** Where this client reaches a node that the servers say is at `address`: there, if the caller's own function throws. */
  mapAddress(address: Address): Address {
    try {
      return this.#options.mapAddress?.(formatAddress(address.host, address.port)) ?? address;
    } catch {
      return address;
    }
  }

  /** Asks for the topology; many requests make one. */
  requestRefresh(urgency: Urgency): void {
    this.#refresher.request(urgency);
  }

  /** Looks for the cluster, unless it is known already. */
  start(): void {
    if (!this.topology.isEmpty) return;
    this.#owner.onStart();
    this.#refresher.request('urgent');
  }

  /** Makes one command of a call and sends it on its way. Never throws; what is wrong rejects the promise. */
  execute(
    spec: CommandSpec,
    args: readonly WireArgument[],
    slot: number,
    settings: CallSettings,
    asBuffers: boolean,
  ): Promise<unknown> {
    const command = new Command(this, spec, args, slot, settings, asBuffers, unstarted);
    this.issue(command);
    return command.promise as Promise<unknown>;
  }

  /** Commands that may still be added before {@link Bounds.maxPending} is reached. */
  get room(): number {
    return this.#options.maxPending - this.pending;
  }

  /** As many commands, or as many bytes, wait as may. */
  get isFull(): boolean {
    return this.room <= 0 || this.backlog.bytes >= this.#options.maxPendingBytes;
  }

  /** Takes on a new command: gives it its place in the order of issue, checks the bounds, and submits it. */
  issue(command: Command): void {
    command.sequence = this.#sequence++;
    const { maxPending, maxPendingBytes } = this.#options;
    if (this.pending > maxPending || this.backlog.bytes >= maxPendingBytes || this.#refusal !== undefined) {
      turnAway(command, this.#refusal, this.pending, this.#options);
      return;
    }
    if ((command.spec.flags & CommandFlag.blocking) !== 0) this.blocked.add(command);
    if (command.settings.signal !== undefined) this.#aborts.add(command, command.settings.signal);
    this.submit(command);
  }

  /** Sends a command to the node that serves it now, or lets it wait where it must. */
  submit(command: Command): void {
    if (command.isSettled) return;
    const { slot } = command;
    if (slot >= 0 && command.settings.readFrom === 'master') {
      if (this.#gates.size > 0 && this.#waitsAtGate(command)) return;
      const master = this.#routes.masterOf(slot);
      if (master !== undefined) {
        master.dispatch(command);
        return;
      }
    }
    this.#submitElsewhere(command);
  }

  /** Puts the command behind the gate of its slot, if it has one or gets one because its master refuses commands now. */
  #waitsAtGate(command: Command): boolean {
    const { slot } = command;
    const gate = this.#gates.get(slot);
    if (gate !== undefined) {
      this.#gates.append(gate, command);
      return true;
    }
    const lane = this.#routes.masterOf(slot)?.laneOf(slot);
    if (lane === undefined || !this.#gates.isRefusing(lane.address) || !lane.takesMore || command.isExclusive)
      return false;
    const cautious = this.#gates.at(slot);
    cautious.isCautious = true;
    this.#gates.append(cautious, command);
    this.#gates.fence(cautious, lane);
    this.#gates.openIfDue(cautious);
    return true;
  }

  /** Puts the command in flight at its master, if that is connected and the command shares the connection with others. */
  #sendAlone(command: Command): boolean {
    const lane = this.#routes.masterOf(command.slot)?.laneOf(command.slot);
    if (lane === undefined || !lane.takesMore || command.isExclusive) return false;
    lane.dispatch(command);
    return true;
  }

  #submitElsewhere(command: Command): void {
    if (this.topology.isEmpty) {
      this.#held.push(command);
      this.#heldDeadlines.note(command.deadline);
      this.start();
      return;
    }
    const { slot, route } = command;
    if (route !== undefined) {
      route.take(command);
      return;
    }
    if (slot === -1 || isReplicaRead(command)) {
      const node = slot === -1 ? this.#routes.anyNode() : this.#routes.forReplicaRead(command);
      if (slot !== -1 && !this.#routes.hasReplica(slot)) this.#seekReplicas();
      if (node !== undefined) node.dispatch(command);
      else this.#retryLater(command, new ClusterError('NO_REPLICA', `no replica serves slot ${slot}`), 200);
      return;
    }
    const gate = this.#gates.get(slot);
    const master = gate === undefined ? this.#routes.masterOf(slot) : undefined;
    if (master !== undefined) master.dispatch(command);
    else this.#waitForMaster(command);
  }

  /**
   * Servers do not list replicas that are down or have just come, and nothing tells when they are there: while reads want
   * them, it is asked for from time to time.
   */
  #seekReplicas(): void {
    const now = nowMs();
    if (now < this.#nextSeekAt) return;
    this.#nextSeekAt = now + SEEK_REPLICAS_MS;
    this.#refresher.request('soon');
  }

  #waitForMaster(command: Command): void {
    const { slot } = command;
    const gate = this.#gates.at(slot);
    if (this.#routes.masterOf(slot) === undefined) {
      command.lastError = new ClusterError('SLOT_UNCOVERED', `slot ${slot} has no owner in the topology`, { slot });
      gate.isTroubled = true;
      gate.notBefore = Number.POSITIVE_INFINITY;
      this.#refresher.request('urgent');
    }
    this.#gates.append(gate, command);
  }

  #retryLater(command: Command, error: SlotwiseError, delayMs: number): void {
    command.lastError = error;
    command.attempts++;
    this.#later.add(command, delayMs);
  }

  #abort(command: Command, signal: AbortSignal): void {
    const executed = command.state === CommandState.inFlight ? 'unknown' : 'no';
    const facts = factsOf(command, executed, undefined, signal.reason);
    command.reject(new CommandAbortedError('ABORTED', `${command.spec.name} was aborted by its caller`, facts));
    if (command.isExclusive) for (const node of this.#nodes.inUse()) node.exclusive.abandon(command);
  }

  onFailure(command: Command, error: SlotwiseError, origin: CommandOrigin): void {
    if (this.#isDestroyed) {
      const cause = this.#refusal ?? error;
      const message = `${command.spec.name} was not answered: ${cause.message}`;
      this.#fail(command, new ClientClosedError(cause.code, message, { executed: error.executed, cause }), origin);
      return;
    }
    if (command.route?.isFinal === true) {
      this.#fail(command, error, origin);
      return;
    }
    if (command.prelude !== undefined) error = command.prelude.explain(error);
    const decision = decideRetry(error, {
      spec: command.spec,
      slot: command.slot,
      isIdempotent: command.settings.idempotent,
      isBlocking: command.serverWait !== undefined,
      hops: command.hops,
      attempts: command.attempts,
    });
    if (retryLog.enabled) {
      retryLog(
        '%s of slot %d at %s: %s (%s)',
        command.spec.name,
        command.slot,
        origin.address,
        decision.kind,
        error.code,
      );
    }
    switch (decision.kind) {
      case 'redirect':
        command.lastError = error;
        this.counters.countRetry(error);
        this.#redirect(command, decision.to, decision.isAsking, origin);
        return;
      case 'retry':
        command.lastError = error;
        this.counters.countRetry(error);
        // Out of the two places where a half-moved slot's keys are, the wait leads nowhere but back: that is no loop.
        if (!decision.keepsOrder) command.hops = 0;
        this.#retry(command, decision, origin);
        return;
      case 'tooManyRedirects':
        this.#fail(command, tooManyRedirects(error), origin);
        return;
      case 'malformedRedirect':
        this.#fail(command, new ProtocolError('PROTOCOL', `malformed redirect from ${origin.address}`), origin);
        return;
      case 'fail':
        this.#fail(command, error, origin);
    }
  }

  #fail(command: Command, error: SlotwiseError, origin: CommandOrigin): void {
    addFacts(error, factsOf(command, error.executed, error.address ?? origin.address));
    command.reject(error);
  }

  onFence(command: Command): void {
    this.#gates.passFence(command.slot);
  }

  #retry(command: Command, decision: RetryDecision & { kind: 'retry' }, origin: CommandOrigin): void {
    command.attempts++;
    if (decision.mayRepeat) command.maybeExecuted = true;
    if (decision.refresh !== undefined) this.#refresher.request(decision.refresh);
    if (command.serverWait !== undefined) {
      this.blocked.retry(command, decision.delayMs);
      return;
    }
    if (!decision.keepsOrder || command.slot === -1 || isReplicaRead(command)) {
      this.#later.add(command, decision.delayMs);
      return;
    }
    const gate = this.#gates.at(command.slot);
    gate.isTroubled ||= decision.refresh === 'urgent';
    if (command.lastError instanceof ReplyError) {
      this.#gates.noteRefusal(gate, origin.address);
      if (gate.fences === 0) this.#handover.callBack(gate, origin.address);
    }
    this.#gates.putBack(gate, command);
    this.#gates.delay(gate, nowMs() + decision.delayMs);
    this.#gates.fence(gate, origin);
    this.#gates.openIfDue(gate);
  }

  #redirect(command: Command, to: Redirect, isAsking: boolean, origin: CommandOrigin): void {
    const originNode = this.#nodes.get(origin.address);
    const named = this.mapAddress({ host: to.host === '' ? (originNode?.host ?? '') : to.host, port: to.port });
    const target = topologyNode(named.host, named.port);
    command.hops++;
    if (target.address === origin.address) {
      this.#reconnect(command, origin);
      return;
    }
    const node = this.#nodes.at(target);
    node.keepUntil = nowMs() + REDIRECT_KEEP_MS;
    const gate = this.#gates.get(command.slot);
    if (isAsking && hopDelayMs(command.hops) === 0 && (gate === undefined || command.serverWait !== undefined)) {
      command.isAsking = true;
      if (command.serverWait === undefined) this.#gates.noteAsked(command.slot, node.laneOf(command.slot));
      node.dispatch(command);
      return;
    }
    if (!isAsking) {
      const diff = this.#handover.moveSlot(to.slot, target);
      if (diff !== undefined) this.#owner.onTopology(diff);
      this.#refresher.request('soon');
    }
    const delayMs = hopDelayMs(command.hops);
    if (delayMs > 0) {
      this.#retry(command, { kind: 'retry', delayMs, keepsOrder: true, refresh: 'soon', mayRepeat: false }, origin);
      return;
    }
    if (command.slot === -1 || isReplicaRead(command) || command.serverWait !== undefined) {
      node.dispatch(command);
      return;
    }
    const open = this.#gates.at(command.slot);
    this.#gates.putBack(open, command);
    this.#gates.fence(open, origin);
    this.#gates.openIfDue(open);
  }

  /** MOVED to the node that says so: what we are connected to is not (any more) what it thinks. A new connection is. */
  #reconnect(command: Command, origin: CommandOrigin): void {
    this.#nodes.get(origin.address)?.laneOf(command.slot).renew();
    this.#retry(command, { kind: 'retry', delayMs: 20, keepsOrder: true, refresh: 'urgent', mayRepeat: false }, origin);
  }

  knownRanges(): readonly ShardRange[] {
    return this.#ranges;
  }

  needsAnother(): boolean {
    if (this.#unreachable || this.#held.length > 0 || this.#gates.hasTrouble || this.blocked.isAnySilent) return true;
    for (const node of this.#nodes.all()) if (node.isStalled || (node.isFailing && node.waiting > 0)) return true;
    return false;
  }

  onView(view: View): void {
    if (this.#isDestroyed) return;
    this.counters.refreshes++;
    this.#ranges = view.ranges;
    const before = this.topology;
    const after = Topology.fromRanges(before.version + 1, view.ranges);
    const diff = diffTopology(before, after);
    if (!hasChanges(diff)) {
      if (this.#unreachable !== undefined) this.#owner.onTopology(diff);
      this.#unreachable = undefined;
      this.#handover.keepNodes(before);
      return;
    }
    this.#unreachable = undefined;
    if (topologyLog.enabled) topologyLog('version %d from %s: %o', diff.version, view.address, diff);
    this.#handover.adopt(after, diff);
    this.blocked.onTopology();
    this.#releaseHeld();
    this.#owner.onTopology(diff);
  }

  onNoView(error: NoSeedError): void {
    this.#unreachable = error;
    if (topologyLog.enabled) topologyLog('%s', error.message);
    this.#owner.onUnreachable(error);
  }

  #whyHeld(command: Command): string {
    command.lastError = this.#unreachable ?? this.seedTrouble;
    return 'no node of the cluster could be asked';
  }

  #releaseHeld(): void {
    if (this.topology.isEmpty) return;
    this.#heldDeadlines.stop();
    for (const command of this.#held.takeAll()) this.submit(command);
  }

  /** Refuses new commands with `cause`; those that are pending go on, except those that a server may hold for long. */
  refuse(cause: SlotwiseError): void {
    this.#refusal = cause;
    this.blocked.endAll(cause);
  }

  /** Rejects everything that is pending and drops all connections. */
  destroy(cause: SlotwiseError): void {
    if (this.#isDestroyed) return;
    this.#refusal = cause;
    this.#isDestroyed = true;
    this.#watch.stop();
    this.#refresher.stop();
    this.#heldDeadlines.stop();
    this.blocked.endAll(cause);
    const waiting = [...this.#held.takeAll(), ...this.#gates.takeAll(), ...this.#later.takeAll()];
    for (const command of waiting) {
      const message = `${command.spec.name} was not answered: ${cause.message}`;
      command.reject(new ClientClosedError(cause.code, message, factsOf(command, 'no', undefined, cause)));
    }
    this.#nodes.destroy(cause);
  }
}

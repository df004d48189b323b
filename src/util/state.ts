/** For each state the states that may follow it. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Returns `to` if the table allows it after `from`; a move that it does not allow is a mistake in this library. */
export function transition<State extends string>(table: Transitions<State>, from: State, to: State): State {
  if (!table[from].includes(to)) throw new Error(`slotwise: impossible transition from ${from} to ${to}`);
  return to;
}

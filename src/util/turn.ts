/** Something to be done once at the end of the current turn of the event loop. */
export interface TurnTask {
  endTurn(): void;
}

let tasks: TurnTask[] = [];
let spare: TurnTask[] = [];

/**
 * Calls `task.endTurn()` once the replies that have arrived in this turn are all handed out and the callers have reacted to
 * them: whatever commands they issue meanwhile leave in one write a connection. The caller must not add a task twice a turn.
 */
export function atEndOfTurn(task: TurnTask): void {
  if (tasks.push(task) === 1) setImmediate(runTasks);
}

function runTasks(): void {
  const running = tasks;
  tasks = spare;
  for (let i = 0; i < running.length; i++) (running[i] as TurnTask).endTurn();
  running.length = 0;
  spare = running;
}

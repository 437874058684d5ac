/** Brings the application into the page: once per page and hash, over the comm, without any server. */

import { type Application, shared, type Waiter } from "./shared.js";

/**
 * Join those that wait for the application. The first of each kernel asks: one question is
 * enough, and a busy kernel must not hold up the calls of another notebook.
 */
export function join(hash: string, waiter: Waiter): void {
  const { applications } = shared();
  const loading = applications.get(hash) ?? { waiting: new Set<Waiter>() };
  applications.set(hash, loading);
  if (loading.application) {
    waiter.settle(loading.application);
    return;
  }
  loading.waiting.add(waiter);
  if (first(loading.waiting, waiter) === waiter) waiter.ask();
}

/** This model can ask no more: another's turn. */
export function leave(hash: string, waiter: Waiter): void {
  const waiting = shared().applications.get(hash)?.waiting;
  if (!waiting) return;
  const asked = first(waiting, waiter) === waiter;
  waiting.delete(waiter);
  if (asked) first(waiting, waiter)?.ask();
}

/** Give what came to all that wait. A failure is never kept: who joins next asks anew. */
export function settle(hash: string, result: Application | Error): void {
  const loading = shared().applications.get(hash);
  if (!loading || loading.application) return;
  if (!(result instanceof Error)) loading.application = result;
  const waiting = [...loading.waiting];
  loading.waiting.clear();
  for (const waiter of waiting) {
    // Each on its own: what one model's views throw must not keep the others waiting.
    queueMicrotask(() => {
      waiter.settle(result);
    });
  }
}

/** Make a module of its bytes. */
export async function evaluate(bytes: BufferSource): Promise<Application> {
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  try {
    const module = (await import(/* @vite-ignore */ url)) as Partial<Application>;
    if (!module.openSession) throw new Error("What the kernel sent is not the application.");
    return module as Application;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function first(waiting: Set<Waiter>, { kernel }: Waiter): Waiter | undefined {
  return [...waiting].find((waiter) => waiter.kernel === kernel);
}

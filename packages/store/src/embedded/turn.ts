/**
 * Returns a function whose promise resolves at the end of the current turn of the event loop, one and the same for all
 * who ask in that turn.
 *
 * Mutations in memory wait for it although they are done, so that whoever answers for them does it for all of a turn
 * together: a client woken by the first answer would else take the processor from the handling of the other requests
 * (20 % more pushes over HTTP on two processors; with Redis in between it costs more than it brings).
 */
export function turnEnds(): () => Promise<void> {
  let end: Promise<void> | undefined;
  return () => {
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined;
        resolve();
      });
    });
    return end;
  };
}

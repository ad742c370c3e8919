// News may come often; what it makes us do must not, and the last of it must not be lost.

/** Returns a function that runs `f` at once, then at most each `every` ms, and once more after the last call. */
export function paced(f: () => void, every: () => number): { call: () => void; stop: () => void } {
  let at = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    at = Date.now();
    f();
  };
  return {
    call: () => {
      if (timer !== undefined) return;
      const rest = at + every() - Date.now();
      if (rest <= 0) run();
      else timer = setTimeout(run, rest);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

import { useEffect, useState } from "preact/hooks";
import { connected } from "../../state/live";

interface Asked<T> {
  value: T | undefined;
  error: unknown;
  again: () => void;
}

/** Asks the gateway once for a key, and again after a lost connection. */
export function useAsked<T>(ask: () => Promise<T>, key: string): Asked<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: unknown }>({ key });
  const [n, setN] = useState(0);
  const live = connected.value;
  useEffect(() => {
    if (!live) return;
    let gone = false;
    ask().then(
      (value) => !gone && setState({ key, value }),
      (error: unknown) => !gone && setState((s) => (s.key === key && s.value !== undefined ? s : { key, error })),
    );
    return () => {
      gone = true;
    };
  }, [key, n, live]);
  const current = state.key === key;
  return { value: current ? state.value : undefined, error: current ? state.error : undefined, again: () => setN(n + 1) };
}

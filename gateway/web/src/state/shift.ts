/** Moves the item at from in front of the one at to, in a list with holes. */
export function shift<T>(items: Map<number, T>, from: number, to: number): void {
  const item = items.get(from);
  const target = to > from ? to - 1 : to;
  const step = target > from ? 1 : -1;
  for (let i = from; i !== target; i += step) {
    const neighbour = items.get(i + step);
    if (neighbour === undefined) items.delete(i);
    else items.set(i, neighbour);
  }
  if (item === undefined) items.delete(target);
  else items.set(target, item);
}

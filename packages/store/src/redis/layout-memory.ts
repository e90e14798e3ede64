/** Layouts that differ, at a time: a fleet has as many as it has kinds of jobs. With `maxLength` this is some 10 MB at most. */
const maxLayouts = 1024;
const maxLength = 8192;

/** Remembers, within bounds, what was made of the texts of layouts. `make` is called with each new one. */
export function rememberLayouts<T>(make: (layout: string) => T): (layout: string) => T {
  const known = new Map<string, T>();
  return (layout) => {
    let made = known.get(layout);
    if (made !== undefined) return made;
    made = make(layout);
    if (layout.length > maxLength) return made;
    if (known.size >= maxLayouts) known.clear();
    known.set(layout, made);
    return made;
  };
}

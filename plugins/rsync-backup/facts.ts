/** Reads what a text prints as lines of a name and a value; the last of a name counts. */
export function factsIn(stdout: string): ReadonlyMap<string, string> {
  return new Map([...stdout.matchAll(/^(\w+) ?(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
}

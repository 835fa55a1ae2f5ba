/** The parts of `madeFormat`, in its order. */
const names = [
  'memory',
  'memory with swap',
  'memory reservation',
  'CPUs',
  'CPU shares',
  'CPU quota',
  'CPU period',
  'set of CPUs',
  'processes',
  'restart policy',
  'networks',
]

/** What a part says; the engine has several words for nothing, and another version of it others. */
function readPart(name: string, part = ''): string {
  const word = part.replace(/,$/, '')
  if (/^(|0|-1|<nil>|(no)?:0)$/.test(word)) return 'none'
  return name === 'CPUs' ? String(Number(word) / 1e9) : word.replace(/:0$/, '').replaceAll(',', ', ')
}

/** How a container differs from what it was when it was made: `memory 67108864 instead of none`. */
export function changesOf(made: string, now: string): readonly string[] {
  const [before, after] = [made.split('|'), now.split('|')]
  return names.flatMap((name, at) => {
    const [was, is] = [readPart(name, before[at]), readPart(name, after[at])]
    return was === is ? [] : [`${name} ${is} instead of ${was}`]
  })
}

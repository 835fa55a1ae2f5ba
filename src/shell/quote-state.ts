/** Where in shell text a template stands: outside quotes, or in one kind of them. */
export interface QuoteState {
  readonly inside: 'nothing' | 'single' | 'double' | 'backtick'
}

/** The state at the start of a template. */
export const initialState: QuoteState = { inside: 'nothing' }

function step(inside: QuoteState['inside'], character: string): QuoteState['inside'] {
  switch (inside) {
    case 'nothing':
      if (character === "'") return 'single'
      if (character === '"') return 'double'
      return character === '`' ? 'backtick' : 'nothing'
    case 'single':
      return character === "'" ? 'nothing' : 'single'
    case 'double':
      return character === '"' ? 'nothing' : 'double'
    case 'backtick':
      return character === '`' ? 'nothing' : 'backtick'
  }
}

/**
 * Follows the quotes of a template's literal text up to a placeholder.
 *
 * @throws TypeError when the placeholder would stand inside quotes: a quoted word inside quotes is not quoted.
 */
export function assertOutsideQuotes(state: QuoteState, literal: string): QuoteState {
  let inside = state.inside
  for (let index = 0; index < literal.length; index++) {
    const character = literal.charAt(index)
    if (character === '\\' && inside !== 'single') index++
    else inside = step(inside, character)
  }
  if (inside !== 'nothing') {
    throw new TypeError(`a value stands inside ${inside} quotes: values are quoted by themselves, write it bare`)
  }
  return { inside }
}

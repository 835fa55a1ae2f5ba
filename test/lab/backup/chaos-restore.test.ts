import { lab } from '../hosts.ts'
import { describeDeaths } from './dying.ts'

describeDeaths(['restore', 'restore with dumps', 'rollback', 'rehearsal'], () => {
  const [, , , keeper, source] = lab().dying
  return [keeper, source]
})

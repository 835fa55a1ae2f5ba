import { lab } from '../hosts.ts'
import { describeDeaths } from './dying.ts'

describeDeaths(['backup', 'backup with dumps', 'scheduled backup'], () => {
  const [keeper, source] = lab().dying
  return [keeper, source]
})

import { lines, raw, type Health, type Script } from '../../src/index.ts'
import type { Site } from '../host/site.ts'
import { askCommand } from './command.ts'
import { askHttp, httpFunctions } from './http.ts'
import { askTcp, tcpFunctions } from './tcp.ts'

function askOne(health: Health, site: Site): Script {
  switch (health.kind) {
    case 'http':
      return askHttp(health, site.host)
    case 'tcp':
      return askTcp(health, site.host)
    case 'command':
      return askCommand(health, site)
  }
}

/**
 * Shell function `ask`: puts every health question of an instance once. It returns 0 when all answers are good, else
 * `$said` and `$about` say what the first bad one was. Without any question, anything that runs is good.
 */
export function askFunction(site: Site): Script {
  const { health } = site.instance
  return lines(
    ...(health.some(({ kind }) => kind === 'http') ? [httpFunctions] : []),
    ...(health.some(({ kind }) => kind === 'tcp') ? [tcpFunctions] : []),
    raw(`ask() { words= said=runs about=`),
    ...health.map((one) => askOne(one, site)),
    raw('}'),
  )
}

import { srvError } from '../error/srv-error.ts'
import type { Masker } from '../shell/mask.ts'
import { render, secretsOf, type Script } from '../shell/script.ts'
import type { Secret } from '../shell/secret.ts'

/** Reveals secrets, each read once a run, and makes sure that their values are masked from then on. */
export interface Secrets {
  /** @throws SrvError SRV-121 when the value is missing or could not be read */
  readonly reveal: (secret: Secret) => Promise<string>
  /** The text of a script as it is sent. @throws SrvError SRV-121 */
  readonly render: (script: Script | string) => Promise<string>
}

/** Secrets whose values are given to a masker before anyone else sees them. */
export function createSecrets(masker: Masker): Secrets {
  // By the object, not by its name: two services may read different values under the same name.
  const values = new Map<Secret, Promise<string>>()
  async function read(secret: Secret): Promise<string> {
    let value: string | undefined
    try {
      value = await secret.read()
    } catch (cause) {
      throw srvError('SRV-121', { name: secret.name, problem: String(cause) }, { cause })
    }
    if (value === undefined || value === '') throw srvError('SRV-121', { name: secret.name, problem: 'it is not set' })
    masker.add(value)
    return value
  }
  function reveal(secret: Secret): Promise<string> {
    const known = values.get(secret) ?? read(secret)
    values.set(secret, known)
    return known
  }
  return {
    reveal,
    async render(script) {
      if (typeof script === 'string') return script
      const revealed = new Map<Secret, string>()
      for (const secret of secretsOf(script)) revealed.set(secret, await reveal(secret))
      return render(script, (secret) => revealed.get(secret) ?? '')
    },
  }
}

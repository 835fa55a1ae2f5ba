import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { intoGate } from './gate.ts'

/** A part of a snapshot that a keeper brings over a connection to the host. */
export interface Brought {
  readonly tag: string
  /** Under which the keeper asks for it: `shop.data`. */
  readonly name: string
  /** Where it is written on the host, and nowhere else. */
  readonly folder: string
}

/** Puts the text where the gate of the host finds it that receives one part of a snapshot. */
export function awaitScript({ tag, name, folder }: Brought): Script {
  return lines(raw('set -eu'), intoGate(tag, name, sh`exec rsync --server $words . ${folder}/`))
}

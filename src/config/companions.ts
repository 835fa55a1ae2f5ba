import * as z from 'zod'
import type { SetUp } from '../plugin/setup.ts'
import type { Problem } from './problem.ts'
import { resolveHost } from './resolve-host.ts'
import type { Host } from './resolved.ts'
import { check } from './schema/check.ts'
import { hostSchema } from './schema/host.ts'

/** A name may be an address, as one writes it: it is no name of the config. */
const hostsSchema = z.record(z.string(), hostSchema)

/** Hosts that plugins bring, by name, as they are written. */
export type CompanionInputs = ReadonlyMap<string, z.output<typeof hostSchema>>

/** Checks the hosts that plugins bring as those of an environment are: a plugin may make them of what the config says. */
export function checkCompanions({ plugins }: SetUp): {
  readonly companions: CompanionInputs
  readonly problems: readonly Problem[]
} {
  const checked = plugins.map(({ name, parts }) => check(hostsSchema, parts.hosts ?? {}, ['plugins', name, 'hosts']))
  return {
    companions: new Map(checked.flatMap((one) => (one.ok ? Object.entries(one.value) : []))),
    problems: checked.flatMap((one) => (one.ok ? [] : one.problems)),
  }
}

/** Hosts that plugins add; the environment's own host wins over one with the same name. */
export function resolveCompanions(
  companions: CompanionInputs,
  hosts: readonly Host[],
  projectRoot: string,
): readonly Host[] {
  return [...companions]
    .filter(([name]) => hosts.every((host) => host.name !== name))
    .map(([name, input]) => resolveHost(name, input, projectRoot))
}

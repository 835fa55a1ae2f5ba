import * as z from 'zod'
import { isTask, type Hook, type Override, type Task } from '../../plugin/contract.ts'
import { isOrchestrator, type Swarm } from '../orchestrator.ts'
import { hostSchema } from './host.ts'
import { gitWord, variablesSchema } from './instance.ts'
import { line, named, strict } from './strict.ts'

/** A service without its instances, which depend on the plugins and are checked one by one. */
export const serviceSchema = strict({
  repository: gitWord.optional(),
  ref: gitWord.optional(),
  description: line.optional(),
  hosts: z.array(z.string()).optional(),
  tags: z.array(line).optional(),
  env: variablesSchema.optional(),
  instances: named(z.unknown()),
})

/** A service without its instances, checked. */
export type CheckedService = z.output<typeof serviceSchema>

const environmentSchema = strict({
  hosts: named(hostSchema),
  orchestrator: z.custom<Swarm>(isOrchestrator, { error: 'must be swarm()' }).optional(),
  services: z.record(z.string(), z.unknown()).optional(),
})

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isHook(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('handler' in value)) return isFunction(value)
  const known = Object.keys(value).every((key) => ['handler', 'order', 'optional'].includes(key))
  const order = 'order' in value ? value.order : undefined
  return known && isFunction(value.handler) && (order === undefined || order === 'first' || order === 'last')
}

/** The whole config except services, plugins and pipelines, which have checks of their own. */
export const configSchema = strict({
  environments: named(environmentSchema),
  plugins: z.array(z.unknown()).optional(),
  services: named(z.unknown()),
  tasks: named(z.custom<Task>(isTask, { error: 'is not a task: make it with defineTask()' })).optional(),
  pipelines: named(z.unknown()).optional(),
  hooks: z
    .record(
      z.string(),
      z.custom<Hook>(isHook, { error: 'must be a function, or { handler, order: "first" or "last", optional }' }),
    )
    .optional(),
  override: z.record(z.string(), z.custom<Override>(isFunction, { error: 'must be a function' })).optional(),
})

/** The config, checked part by part. */
export type CheckedConfig = z.output<typeof configSchema>

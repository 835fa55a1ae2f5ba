import * as z from 'zod'

const keep = z.int().min(1)
const milliseconds = z.int().min(0)
const name = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { error: 'is not a name: letters, digits, . _ and - only' })

/** A path in the release: no way out of it. */
const inside = z
  .string()
  .refine((path) => path !== '' && !path.startsWith('/') && !path.startsWith('-'), {
    error: 'must be a path in the release',
  })
  .refine((path) => !path.split('/').includes('..') && !/\p{Cc}/u.test(path), {
    error: 'must be a path in the release, without ..',
  })

/** One line: it becomes part of a compose file. */
const line = z.string().regex(/^[^\0\n]+$/, { error: 'must be one line' })
const imageName = z.string().regex(/^[a-z0-9][\w.:/@-]*$/, { error: 'is not the name of an image' })

const absolute = z.string().regex(/^\/[^\0\n]*$/, { error: 'must be an absolute path' })
const port = z.int().min(1).max(65_535)

/** The proxy in front of a service, which is told where its containers are. */
const proxySchema = z.discriminatedUnion('kind', [
  /** srv writes an `upstream` of this name into `file` and reloads nginx. */
  z.strictObject({ kind: z.literal('nginx'), port, upstream: name.optional(), file: absolute.optional() }),
  /** srv writes a snippet of this name, with a `reverse_proxy`, into `file` and reloads Caddy. */
  z.strictObject({ kind: z.literal('caddy'), port, snippet: name.optional(), file: absolute.optional() }),
  /**
   * It finds containers by itself, by their labels or their network, as Traefik does. `drain` is run in an old container
   * before it is stopped, and makes its healthcheck fail: such a proxy takes it out then.
   */
  z.strictObject({ kind: z.literal('labels'), drain: z.array(z.string()).min(1).readonly().optional() }),
])

const monitorMs = milliseconds
const timeoutMs = z.int().min(1000)

/** Options of `dockerCompose()`: the defaults of every instance. */
export const optionsSchema = z.strictObject({
  /** How many of the newest releases are kept; the one that serves and the one before it are kept in any case. */
  keep: keep.default(5),
  /** Milliseconds for which new containers are watched before a deploy calls them good. */
  monitorMs: monitorMs.default(10_000),
  /** Milliseconds that new containers have to become ready. */
  timeoutMs: timeoutMs.default(120_000),
  /** Milliseconds between the moment a proxy knows the new containers and the stop of the old ones. */
  drainMs: milliseconds.default(3000),
})

const shape = z.strictObject({
  /** The image of an instance that has no compose file: `ghcr.io/me/shop:1.4`. The settings below marked so are only for this. */
  image: imageName.optional(),
  /** Only with `image`: as in a compose file, `8080:80`. */
  ports: z.array(line).readonly().default([]),
  /** Only with `image`: as in a compose file, `${SRV_DATA}/uploads:/uploads`. */
  volumes: z.array(line).readonly().default([]),
  /** Only with `image`: the command as words. @default what the image says */
  command: z.array(z.string()).readonly().optional(),
  /** Compose files in the release, later ones over earlier ones. @default the one that docker compose would find */
  files: z.array(inside).readonly().default([]),
  profiles: z.array(name).readonly().default([]),
  /** Files with variables for the compose files, beside `.env`. */
  envFiles: z.array(inside).readonly().default([]),
  /** @default the service, or `service-instance` when the instance is not called docker */
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]*$/, { error: 'is not a project name: lower-case letters, digits, _ and - only' })
    .optional(),
  /** Where images are built: on each host, or once on this machine, which sends what a host lacks. */
  build: z.enum(['host', 'laptop']).default('host'),
  /** `linux/amd64`: what images are built for, where that is not what they are built on. */
  platform: z
    .string()
    .regex(/^[a-z0-9]+(\/[a-z0-9]+){1,2}$/, { error: 'is not a platform, such as linux/amd64' })
    .optional(),
  /** `registry.example.org/team`: images that are built elsewhere come through this registry, not over SSH. */
  registry: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/, {
      error: 'is not a registry, such as registry.example.org/team',
    })
    .optional(),
  /** Whether a newer image of the same name is looked for, for services and for what is built upon. */
  pull: z.enum(['missing', 'always']).default('missing'),
  /** Services of which two versions may run at the same time although they write to the same place. */
  overlap: z.union([z.boolean(), z.array(name).readonly()]).default(false),
  /** By service. */
  proxy: z.record(name, proxySchema).default({}),
  keep: keep.optional(),
  monitorMs: monitorMs.optional(),
  timeoutMs: timeoutMs.optional(),
  drainMs: milliseconds.optional(),
})

/** What an instance may say under `compose` in the config. */
export const settingsSchema = shape.superRefine(({ image, ...settings }, context) => {
  const { files, profiles, envFiles, build, ports, volumes, command } = settings
  const said = { files: files.length > 0, profiles: profiles.length > 0, envFiles: envFiles.length > 0 }
  const wrong =
    image === undefined
      ? { ports: ports.length > 0, volumes: volumes.length > 0, command: command !== undefined }
      : { ...said, build: build === 'laptop' }
  const message =
    image === undefined
      ? 'it is only for `image`: set it in the compose file'
      : 'it is only for compose files, and `image` is set instead'
  for (const [name, isSaid] of Object.entries(wrong))
    if (isSaid) context.addIssue({ code: 'custom', path: [name], message })
})

/** Validated options of the plugin. */
export type Options = z.output<typeof optionsSchema>
/** Validated settings of one instance. */
export type Settings = z.output<typeof settingsSchema>
/** What stands in front of a service. */
export type Proxy = z.output<typeof proxySchema>

/** The settings of an instance, with the plugin's options as defaults. */
export interface Effective extends Settings {
  readonly keep: number
  readonly monitorMs: number
  readonly timeoutMs: number
  readonly drainMs: number
}

/** Lays an instance's settings over the plugin's options. */
export function effective(options: Options, settings: Settings): Effective {
  return {
    ...settings,
    keep: settings.keep ?? options.keep,
    monitorMs: settings.monitorMs ?? options.monitorMs,
    timeoutMs: settings.timeoutMs ?? options.timeoutMs,
    drainMs: settings.drainMs ?? options.drainMs,
  }
}

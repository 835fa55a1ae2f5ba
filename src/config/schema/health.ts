import * as z from 'zod'
import { milliseconds, strict, text } from './strict.ts'

const limits = { samples: z.number().int().positive(), intervalMs: milliseconds, timeoutMs: milliseconds }

const url = z.string().regex(/^(https?:\/\/[^\s/]+|:\d{1,5})(\/\S*)?$/, {
  error: 'is not a URL: write ":3000/up" for the host itself, or "http://127.0.0.1:3000/up"',
})

const tcpAddress = z.string().regex(/^[^\s/]*:\d{1,5}$/, {
  error: 'is not an address: write ":5432" for the host itself, or "10.0.0.5:5432"',
})

/** What `http()`, `tcp()` and `command()` return. */
export const healthSchema = z.discriminatedUnion('kind', [
  strict({ kind: z.literal('http'), url, status: z.array(z.number().int().min(100).max(599)), ...limits }),
  strict({ kind: z.literal('tcp'), address: tcpAddress, ...limits }),
  strict({ kind: z.literal('command'), command: text, ...limits }),
])

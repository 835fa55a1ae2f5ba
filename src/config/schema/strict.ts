import * as z from 'zod'
import { didYouMean } from '../../error/suggest.ts'
import { identifierRule, isIdentifier } from '../identifier.ts'

// A config is checked once: compiling each schema first would take zod longer than the check itself.
z.config({ jitless: true })

/**
 * An object whose options are all known. Only here is it known what an unknown option may have meant, so that the text
 * of its issue has one finished line for each key.
 */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  further: readonly string[] = [],
): z.ZodObject<Shape, z.core.$strict> {
  const known = [...Object.keys(shape), ...further]
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `is not a known option. ${didYouMean(key, known)}`).join('\n')
        : undefined,
  })
}

/** A record whose keys are names. */
export function named<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string().refine(isIdentifier, { error: identifierRule }), value)
}

/** Text that is not empty. */
export const text = z.string().refine((value) => value.trim() !== '', { error: 'must not be empty' })

/** One line of text: no character that ends a line or a C string somewhere on its way to a host. */
export const line = text.refine((value) => !/[\p{Cc}]/u.test(value.replaceAll('\t', ' ')), {
  error: 'must be a single line',
})

/** A whole number of milliseconds above zero. */
export const milliseconds = z.number().int().positive()

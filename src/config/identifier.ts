/** What names of environments, hosts, services, instances, plugins, tasks and pipelines look like: they become file names. */
const identifier = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** Whether a text can be a name. Two dots in a row are refused, since names stand in paths. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name) && !name.includes('..')
}

/** What is wrong with a text that is not a valid name. */
export const identifierRule =
  'is not a valid name: it must begin with a lower-case letter or digit, continue with these, ".", "_" or "-", and have at most 63 characters'

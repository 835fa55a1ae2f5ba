import { entry } from '../entry.ts'

/** 241 and 242: a sandbox host on this machine could not be started. */
export const sandbox = {
  'SRV-241': entry<{ readonly addresses: readonly string[] }>({
    message: ({ addresses }) =>
      `This machine does not let programs listen on ${addresses.join(' and ')}, the loopback ${addresses.length === 1 ? 'address of a sandbox host' : 'addresses of the sandbox hosts'}. Nothing was started.`,
    hint: ({ addresses }) =>
      `Run this once; it lasts until the next reboot: ${addresses.map((address) => `sudo ifconfig lo0 alias ${address} up`).join(' && ')}`,
    exitCode: 4,
  }),
  'SRV-242': entry<{ readonly reason: string; readonly log: string }>({
    message: ({ reason }) =>
      `The program that serves the sandbox hosts did not start: ${reason}. Nothing was deployed.`,
    hint: ({ log }) => `Read ${log}, then run the same command again.`,
    exitCode: 4,
  }),
}

import { entry } from '../entry.ts'

/** 620 to 627: images and stacks of docker instances. */
export const compose = {
  'SRV-620': entry<{ readonly instance: string }>({
    message: ({ instance }) =>
      `The images of ${instance} are to be built on this machine, but its code is not here: the hosts fetch it. Nothing was changed.`,
    hint: () => "Set `git: { source: 'push' }` for the instance, or build on the hosts: `compose: { build: 'host' }`.",
    exitCode: 2,
  }),
  'SRV-621': entry<{ readonly instance: string; readonly host: string; readonly problem: string }>({
    message: ({ instance, host, problem }) =>
      `The images of ${instance} could not be transferred between this machine and ${host}: ${problem}. What runs there was not touched.`,
    hint: () => 'Check that the disk has room and that `docker load` works on the host. `-v` shows all output.',
    exitCode: 5,
  }),
  'SRV-622': entry<{ readonly instance: string; readonly manager: string; readonly environment: string }>({
    message: ({ instance, manager }) =>
      `${instance} runs in a swarm, which is controlled through its manager ${manager}, and ${manager} is not among the hosts of this run. Nothing was changed.`,
    hint: ({ environment, manager }) =>
      `Leave out --host and --tag, or include the manager. If ${manager} is gone for good, name another manager: orchestrator: swarm({ manager }) of ${environment}.`,
    exitCode: 2,
  }),
  'SRV-623': entry<{ readonly said: string }>({
    message: ({ said }) =>
      `--replicas ${said === '' ? 'is missing' : `${said} is not valid`}: it is service=number, several with commas. Nothing was contacted.`,
    hint: () => 'srv scale production shop --replicas web=3',
    exitCode: 2,
  }),
  'SRV-624': entry<{ readonly instance: string; readonly host: string; readonly problem: string }>({
    message: ({ instance, host, problem }) =>
      `The images of ${instance} are on ${host}, but their release could not be frozen there: ${problem} What runs there was not touched.`,
    hint: () => 'Fix what it reports, then deploy again. `-v` shows all output.',
    exitCode: 5,
  }),
  'SRV-625': entry<{
    readonly instance: string
    readonly host: string
    readonly release: string
    readonly name: string
    readonly problem: string
  }>({
    message: ({ instance, host, release, name, problem }) =>
      `${instance} cannot go back to ${release} on ${host}: its image ${name} was removed there, and could not be pulled from its registry again: ${problem}. Nothing was changed.`,
    hint: ({ host, name }) =>
      `On ${host}: docker pull ${name}, after docker login if the registry needs it, then roll back again; or go back to another release with --to: srv releases lists them.`,
    exitCode: 9,
  }),
  'SRV-626': entry<{
    readonly instance: string
    readonly host: string
    readonly names: string
    readonly meant: string
  }>({
    message: ({ instance, host, names }) =>
      `The config of ${instance} names services that its compose files do not have: ${names}. Nothing that runs on ${host} was touched.`,
    hint: ({ meant }) => `${meant} One with a profile is there only when \`profiles\` names that.`,
    exitCode: 9,
  }),
  'SRV-627': entry<{ readonly instance: string; readonly host: string }>({
    message: ({ instance, host }) =>
      `${instance} on ${host} is not in a swarm, and srv scales only services of a swarm. Nothing was changed.`,
    hint: () => 'Set deploy.replicas of the service in its compose file, then deploy.',
    exitCode: 2,
  }),
} as const
